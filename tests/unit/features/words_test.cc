#include "features/words.h"

#include <doctest/doctest.h>

#include <random>

namespace rec::words_test {

namespace {

std::string words_of(WordBreaker& breaker, std::string_view text) {
  std::string joined;
  for (const std::string_view word : breaker.split(text)) joined += (joined.empty() ? "" : "|") + std::string(word);
  return joined;
}

}  // namespace

TEST_CASE("words of ASCII texts") {
  WordBreaker breaker;
  CHECK(words_of(breaker, "The Lord of the Rings: The Two Towers (2002)") ==
        "the|lord|of|the|rings|the|two|towers|2002");
  CHECK(words_of(breaker, "Can't stop, won't stop.") == "can't|stop|won't|stop");
  CHECK(words_of(breaker, "3.14 and 1,000,000; v2.0 3rd a_b") == "3.14|and|1,000,000|v2.0|3rd|a_b");
  CHECK(words_of(breaker, "e-mail 'quoted' rock'n'roll") == "e|mail|quoted|rock'n'roll");
  CHECK(words_of(breaker, "") == "");
  CHECK(words_of(breaker, " -- ... ___ \r\x01 ") == "");
}

TEST_CASE("words of other scripts") {
  WordBreaker breaker;
  CHECK(words_of(breaker, "Straße STRASSE Ärger ÄRGER") == "strasse|strasse|ärger|ärger");
  // Composed and decomposed, full width, a ligature.
  CHECK(words_of(breaker, "Cafe\xcc\x81 Caf\xc3\xa9 ＦＵＬＬ ﬁne") == "café|café|full|fine");
  CHECK(words_of(breaker, "Война и мир") == "война|и|мир");
  CHECK(words_of(breaker, "L’été don’t") == "l'été|don't");
  CHECK(words_of(breaker, "五等分の花嫁") != "五等分の花嫁");
  CHECK(words_of(breaker, "ภาษาไทย") == "ภาษา|ไทย");
  CHECK(words_of(breaker, "🙂 ok 🙂") == "ok");
  // What grows most under NFKC.
  std::string longest;
  for (int n = 0; n < 100; ++n) longest += "\xef\xb7\xba";
  CHECK(breaker.split(longest).size() > 100);
}

TEST_CASE("bytes that are no UTF-8") {
  WordBreaker breaker;
  for (const char* text : {"caf\xe9", "\xff", "ok \xc3", "\xed\xa0\x80", "\xc0\x80", "a\xf5\x80\x80\x80"}) {
    CHECK_THROWS_AS((void)breaker.split(text), WordBreaker::NotUtf8);
    // Nor at the second time.
    CHECK_THROWS_AS((void)breaker.split(text), WordBreaker::NotUtf8);
  }
  CHECK(words_of(breaker, "caf\xc3\xa9") == "café");
}

TEST_CASE("the rules for ASCII are those of Unicode") {
  WordBreaker own, unicode;
  unicode.use_unicode_rules_for_ascii(true);
  std::mt19937 random(7);
  // All printable characters, and more of those that have a rule.
  const std::string_view special = "aAzZ059__..'',,;;::\"\" -b";
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const size_t size = random() % 16;
    while (text.size() < size) {
      text += random() % 3 == 0 ? static_cast<char>(' ' + random() % 95) : special[random() % special.size()];
    }
    INFO(text);
    REQUIRE(words_of(own, text) == words_of(unicode, text));
  }
}

TEST_CASE("words do not depend on what was seen before") {
  WordBreaker one;
  std::mt19937 random(11);
  const std::vector<std::string> parts = {"a", "é", "ß", "и", "の", "花", "\xcc\x81",
                                          "ก", "ا", "-", "'", "’",  " ",  "1"};
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (size_t n = random() % 12; n > 0; --n) text += parts[random() % parts.size()];
    WordBreaker fresh;
    INFO(text);
    REQUIRE(words_of(one, text) == words_of(fresh, text));
    REQUIRE(words_of(one, text) == words_of(fresh, text));
  }
}

}  // namespace rec::words_test

#include "view/html.h"

#include <doctest/doctest.h>

namespace rec::html_test {
namespace {

TEST_CASE("text of the data is no markup") {
  CHECK(html_text("<script>alert('1')</script>&\"") == "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;");
  CHECK(html_text("]]>") == "]]&gt;");
  CHECK(html_text("Ä&amp;") == "Ä&amp;amp;");
}

TEST_CASE("what is no character of a page, and marks of direction, are shown") {
  CHECK(shown_text("a\x01\xff\tb") == "a\\x01\\xff\\tb");
  CHECK(shown_text("x\u202ey\u2066\u2069") == "x\\u202ey\\u2066\\u2069");
  CHECK(shown_text("\u2028\u05d0") == "\u2028\u05d0");
  CHECK(shown_text(std::string(600, 'x')) == std::string(500, 'x') + "...");
}

TEST_CASE("JSON does not end its script") {
  CHECK(json_in_script("[\"</script><!--&\"]") == "[\"\\u003c/script\\u003e\\u003c!--\\u0026\"]");
}

TEST_CASE("pictures come from http, data of images, and relative paths") {
  for (const char* url : {"https://a.example/x.png?y=1", "HTTP://a/", "posters/1.jpg", "../a b.png", "/x.png", "x?a:b",
                          "data:image/png;base64,AAAA"}) {
    CAPTURE(url);
    CHECK(is_image_url(url));
  }
  for (const char* url : {"", "javascript:alert(1)", " javascript:alert(1)", "JaVaScRiPt:1", "data:text/html,x",
                          "data:image/svg+xml;base64,AAAA", "file:///etc/passwd", "//a.example/x.png", "\\\\a\\x.png",
                          "java\tscript:1", "x.png\n", "blob:x", "x:y/z"}) {
    CAPTURE(url);
    CHECK_FALSE(is_image_url(url));
  }
}

}  // namespace
}  // namespace rec::html_test

#include "io/column_names.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace rec {
namespace {

// The names of a column in small letters and without separators, the best first. An ending of kEndings may follow.
constexpr std::string_view kUser[] = {
    "user",   "member",     "customer",     "visitor",  "reviewer",  "client",     "account", "profile",
    "viewer", "listener",   "reader",       "buyer",    "shopper",   "subscriber", "player",  "household",
    "person", "uid",        "usr",          "cust",     "anonymous", "session",    "sid",     "cookie",
    "device", "impression", "usermboxsha1", "playlist", "pid",       "order",      "basket",  "cart",
};
constexpr std::string_view kItem[] = {
    "item",         "product",
    "movie",        "film",
    "article",      "track",
    "song",         "book",
    "news",         "video",
    "artist",       "album",
    "show",         "anime",
    "game",         "recipe",
    "podcast",      "episode",
    "business",     "restaurant",
    "venue",        "poi",
    "place",        "hotel",
    "listing",      "property",
    "job",          "course",
    "app",          "beer",
    "joke",         "doc",
    "docno",        "page",
    "post",         "ad",
    "goods",        "merchandise",
    "sku",          "asin",
    "isbn",         "iid",
    "aid",          "stock",
    "campaign",     "creative",
    "content",      "gametitle",
    "trackuri",     "parentasin",
    "mid",          "offer",
    "coupon",       "repo",
    "document",     "merchant",
    "entity",       "musicbrainzartist",
    "itemname",     "productname",
    "producttitle", "moviename",
    "movietitle",   "booktitle",
    "trackname",    "title",
};
constexpr std::string_view kValue[] = {
    "value",    "rating",     "bookrating",  "stars",  "star",        "starrating", "overall",  "overallrating",
    "score",    "watchratio", "playcount",   "plays",  "count",       "counts",     "freq",     "frequency",
    "weight",   "quantity",   "qty",         "hours",  "listencount", "listens",    "strength", "preference",
    "interest", "ratings",    "reviewscore", "reward", "label",
};
constexpr std::string_view kTimestamp[] = {
    "timestamp",
    "unixtimestamp",
    "eventtimestamp",
    "unixreviewtime",
    "ts",
    "time",
    "unixtime",
    "eventtime",
    "datetime",
    "createdat",
    "createdtime",
    "addedat",
    "timeframe",
    "tdat",
    "date",
    "eventdate",
    "reviewtime",
    "reviewdate",
    "orderdate",
    "dateadded",
    "invoicedate",
    "day",
    "visitdate",
    "transactiondate",
    "purchasedate",
    "ratingtime",
    "ratingtimestamp",
};
// "event_id" reads as "event", so others come first.
constexpr std::string_view kEvent[] = {"eventtype", "eventname", "action", "behavior",
                                       "behaviour", "type",      "event",  "events"};
constexpr std::string_view kScore[] = {"score", "prediction", "pred", "rating", "value", "relevance", "similarity"};
constexpr std::string_view kLabel[] = {"label", "target", "ytrue", "y", "truth", "actual", "rating", "value", "click"};
constexpr std::string_view kPrediction[] = {"prediction", "pred",        "predicted", "ypred", "yscore",
                                            "yprob",      "probability", "prob",      "score", "est"};
// Columns that stand beside these.
constexpr std::string_view kOther[] = {
    "id",          "index",   "row",         "category", "categorycode", "price",      "genre",        "genres",
    "marketplace", "tag",     "tags",        "name",     "brand",        "review",     "text",         "reviewtext",
    "summary",     "history", "impressions", "clicks",   "click",        "conversion", "conversions",  "attention",
    "propensity",  "variant", "location",    "country",  "age",          "gender",     "saleschannel", "rank",
    "query",       "isread",  "isreviewed",  "helpful",  "verified",     "segment",    "split",        "fold",
    "reordered",   "feature", "description", "images",   "iteration",    "artistname", "albumname",    "username",
    "head",        "tail",    "relation",    "rel",      "subject",      "predicate",  "object",       "source",
    "target",      "src",     "dst",         "trustor",  "trustee",
};

// What may follow a name: an id, a key, a number.
constexpr std::string_view kEndings[] = {"ids", "id", "key",  "index", "idx",  "number", "num",
                                         "no",  "nr", "code", "uuid",  "hash", "guid"};

struct Column {
  std::string_view name;
  std::span<const std::string_view> names;
};
constexpr std::array<Column, 8> kColumns{{{"user", kUser},
                                          {"item", kItem},
                                          {"event", kEvent},
                                          {"value", kValue},
                                          {"timestamp", kTimestamp},
                                          {"score", kScore},
                                          {"label", kLabel},
                                          {"prediction", kPrediction}}};

// More bytes are no name.
constexpr size_t kMostBytes = 64;

std::string_view unquoted(std::string_view field) {
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') return field.substr(1, field.size() - 2);
  return field;
}

bool is_separator(char byte) { return byte == '_' || byte == '-' || byte == ' ' || byte == '#' || byte == '.'; }

bool is_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }

// In small letters, without separators; "" for what is too long.
std::string bare(std::string_view field) {
  std::string name;
  field = unquoted(field);
  if (field.size() > kMostBytes) return name;
  for (const char byte : field) {
    if (!is_separator(byte)) name += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  }
  return name;
}

std::optional<size_t> find_in(std::span<const std::string_view> names, std::string_view name) {
  const auto rank = [&](std::string_view word) -> std::optional<size_t> {
    const auto found = std::find(names.begin(), names.end(), word);
    if (found == names.end()) return std::nullopt;
    return static_cast<size_t>(found - names.begin());
  };
  if (const auto found = rank(name)) return found;
  for (const std::string_view ending : kEndings) {
    if (name.size() <= ending.size() || !name.ends_with(ending)) continue;
    if (const auto found = rank(name.substr(0, name.size() - ending.size()))) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<size_t> name_rank(std::string_view column, std::string_view field) {
  if (field == column) return 0;
  const auto known =
      std::find_if(kColumns.begin(), kColumns.end(), [&](const Column& entry) { return entry.name == column; });
  if (known == kColumns.end()) return std::nullopt;
  const auto found = find_in(known->names, bare(field));
  return found ? std::optional<size_t>(*found + 1) : std::nullopt;
}

bool ends_in_id(std::string_view field) {
  field = unquoted(field);
  if (field.size() < 3 || field.size() > kMostBytes) return false;
  const std::string_view end = field.substr(field.size() - 2);
  std::string_view stem = field.substr(0, field.size() - 2);
  if (end != "id" && end != "Id" && end != "ID") return false;
  const bool apart = is_separator(stem.back());
  const bool hump = end.front() == 'I' && stem.back() >= 'a' && stem.back() <= 'z';
  if (!apart && !hump) return false;
  return is_letter(stem.front()) &&
         std::all_of(stem.begin(), stem.end(), [](char byte) { return is_letter(byte) || is_separator(byte); });
}

bool reads_as_name(std::string_view field) {
  if (unquoted(field).empty() || ends_in_id(field)) return true;
  const std::string name = bare(field);
  return find_in(kOther, name) || std::any_of(kColumns.begin(), kColumns.end(), [&](const Column& column) {
           return find_in(column.names, name).has_value();
         });
}

std::optional<TypedNames> typed_names(const std::vector<std::string_view>& fields) {
  constexpr std::string_view kTypes[] = {"token", "token_seq", "float", "float_seq", "text"};
  TypedNames typed;
  for (const std::string_view field : fields) {
    const size_t colon = field.rfind(':');
    if (colon == 0 || colon == std::string_view::npos ||
        std::find(std::begin(kTypes), std::end(kTypes), field.substr(colon + 1)) == std::end(kTypes)) {
      return std::nullopt;
    }
    typed.names.push_back(field.substr(0, colon));
    typed.types.push_back(field.substr(colon + 1));
  }
  return typed;
}

}  // namespace rec

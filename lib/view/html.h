// Text of the data as part of a page. Thread rule: functions without state.
#pragma once

#include <string>
#include <string_view>

namespace rec {

// `text` as a page shows it: as escaped() writes it, with the marks that turn the direction of text as \u202e and so
// on, and cut after 500 bytes.
std::string shown_text(std::string_view text);

// shown_text() as HTML text or as a quoted attribute: & < > " ' are entities.
std::string html_text(std::string_view text);

// JSON that may stand in a <script>: its < > & become \u003c and so on, so that nothing ends the element.
std::string json_in_script(std::string_view json);

// Whether a page may take a picture from there: an http(s) URL, a data: URL of an image but no SVG, or a relative
// path without a scheme, control character or blank at either end.
bool is_image_url(std::string_view url);

}  // namespace rec

// The script and the style of the page, view.js and view.css, which the build puts into the program.
// Thread rule: constants.
#pragma once

#include <string_view>

namespace rec {

std::string_view view_script();
std::string_view view_style();

}  // namespace rec

// Small models: the tables of vectors of a model in int8 or bfloat16 (rec-formats(5)). Functions without state.
#pragma once

#include "data/artefact.h"

namespace rec {

// The meta that says what was quantised: "int8 items.factors users.factors". Not there: nothing.
inline constexpr const char* kQuantised = "quantised";

// The model with its tables of vectors (of two dimensions and 4 columns or more, named items.X or users.X with X
// factors, source, implicit or fields) in `type`:
//   int8      a code c for each value v of a row and the row's scale s, as a tensor NAME.scale: s = max |v| / 127,
//             c = v / s to the nearest whole number, equally near ones to the even one. c·s, one float32 product, is
//             the value that the model has from then on. No value is clipped. A row without a value of 1.5e-36 or
//             more gets the scale 0.
//   bfloat16  the nearest one.
// Throws Error if the model was quantised before, if it has no such table, or for a value of 3.3e38 or more.
// REQUIRES: type is int8 or bfloat16. The same bytes for any number of threads.
Artefact quantised(const Artefact& model, Dtype type, int threads);

// The same values in float32, and no more scales. A model that was not quantised stays as it is.
Artefact dequantised(Artefact model);

// Near the greatest float, codes times scales, and bfloat16, may be infinite: values from here on are not coded.
inline constexpr float kTooGreatToCode = 3.3e38f;

// The codes of a row of n values, as above, and its scale. REQUIRES: all values are below kTooGreatToCode in size.
float to_int8(const float* row, size_t n, int8_t* codes);

// Whether a table has another type than float32 that stands for floats.
bool is_quantised(const Artefact& model);

// For each int8 tensor with a tensor NAME.scale, and each bfloat16 one, lets Tensor::floats() decode it. Throws Error
// "model: ..." for scales that do not fit: not float32, another number of rows, negative, not finite or so great that a
// value could be infinite. read_artefact() calls it.
void link_quantised(Artefact& model);

}  // namespace rec

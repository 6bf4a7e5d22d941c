#include "data/decoded_tensor.h"

namespace rec {

void decode_row(const Artefact::Tensor& tensor, uint64_t row, float* out) {
  const uint64_t n = tensor.cols();
  if (tensor.dtype == Dtype::kInt8) {
    const int8_t* codes = static_cast<const int8_t*>(tensor.data) + row * n;
    const float scale = tensor.decoded->scale[row];
    for (uint64_t at = 0; at < n; ++at) out[at] = scale * static_cast<float>(codes[at]);
  } else {
    const Bfloat16* values = static_cast<const Bfloat16*>(tensor.data) + row * n;
    for (uint64_t at = 0; at < n; ++at) out[at] = to_float(values[at]);
  }
}

const float* Artefact::Tensor::decoded_floats() const {
  std::call_once(decoded->once, [this] {
    decoded->values.resize(rows() * cols());
    for (uint64_t row = 0; row < rows(); ++row) decode_row(*this, row, decoded->values.data() + row * cols());
  });
  return decoded->values.data();
}

void Artefact::set_decoded(const std::string& name, const float* scale) {
  const auto decoded = std::make_shared<DecodedTensor>();
  decoded->scale = scale;
  tensors_[tensor_at_.find(name)->second].decoded = decoded;
}

}  // namespace rec

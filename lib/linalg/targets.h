// Our choice of Highway targets: include it before any <hwy/...> header.
// Only targets with a fused multiply-add are compiled, and a fallback that calls
// std::fma: the canonical arithmetic of linalg/plain.h needs the fusion.
// AVX3_DL is left out because 1.0.3 rejects it as a baseline (-march=native).
#pragma once

#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_AVX3_DL | HWY_SSE4 | HWY_SSSE3)
#endif

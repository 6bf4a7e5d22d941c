// The one way to use several cores. Results never depend on the number of
// threads: a body writes only what belongs to its own index, and whoever sums
// does so afterwards, in index order.
#pragma once

#include <cstddef>
#include <functional>

namespace rec {

// The number of threads that `-j 0` stands for: the processors this process may
// run on, at least 1.
int hardware_threads();

// Calls body(index, worker) once for every index in [0, count), on up to
// `threads` threads; worker in [0, threads) is the same for no two calls that
// run at the same time, so it may pick scratch memory. Indices are handed out
// in ascending order, one at a time: put the long ones first.
// If bodies throw, no new index is started and the exception of the lowest
// index that failed is rethrown once all threads have ended.
void parallel_for(size_t count, int threads, const std::function<void(size_t index, int worker)>& body);

}  // namespace rec

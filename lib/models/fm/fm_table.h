// The vectors and weights of the categories of all fields: one table, whose rows a batch
// gathers and whose gradient it scatters. Symbols: F fields, C rows of the table, d values of
// a vector; a row of the table is a vector and a weight, d + 1 values.
// Thread rule: functions of their arguments, which share work among the threads of a pool.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/parallel_for.h"
#include "data/interactions.h"

namespace rec {

// A field and where its categories stand in the table.
struct FmField {
  std::string name;
  size_t first = 0;  // its rows are [first, first + size)
  size_t size = 0;
  std::span<const uint32_t> number;  // of each row of the data: its category, or the row of `several`; kNoId: unknown
  const Csr* several = nullptr;      // rows of categories and what each counts; nullptr: one, the number itself

  // The last row stands for what is not known. REQUIRES: not `several`, where that is no category at all.
  size_t unknown() const { return first + size - 1; }
  // Calls use(row of the table, what it counts) for the categories of number `its`.
  template <class Use>
  void for_each(uint32_t its, Use&& use) const {
    if (several == nullptr) return use(its == kNoId ? unknown() : first + its, 1.0f);
    if (its == kNoId) return;
    const auto end = static_cast<size_t>(several->begin[its + 1]);
    for (auto at = static_cast<size_t>(several->begin[its]); at < end; ++at)
      use(first + several->index[at], several->weight[at]);
  }
};

// Sets `vector` (d values) to the weighted sum of the vectors of one field's `number`, and adds that of the weights to
// `linear`.
template <class T>
void gather(const FmField& field, uint32_t number, const T* table, size_t d, T* vector, T& linear) {
  bool begun = false;
  field.for_each(number, [&](size_t at, float share) {
    const T* from = table + at * (d + 1);
    const T part = static_cast<T>(share);
    if (!begun && share == 1.0f) {
      for (size_t c = 0; c < d; ++c) vector[c] = from[c];
    } else if (!begun) {
      for (size_t c = 0; c < d; ++c) vector[c] = part * from[c];
    } else {
      for (size_t c = 0; c < d; ++c) vector[c] += part * from[c];
    }
    begun = true;
    linear += part * from[d];
  });
  if (!begun) std::fill_n(vector, d, T(0));
}

// Adds the derivatives by the rows of one field to `gradient`, which lies as the table does. d_logit: 0 where weights
// are not learnt.
template <class T>
void scatter(const FmField& field, uint32_t number, const T* d_vector, T d_logit, size_t d, T* gradient) {
  field.for_each(number, [&](size_t at, float share) {
    T* to = gradient + at * (d + 1);
    const T part = static_cast<T>(share);
    for (size_t c = 0; c < d; ++c) to[c] += part * d_vector[c];
    to[d] += part * d_logit;
  });
}

// Gathers the rows `order` of the data into the input of a net (models/fm/fm_net.h). numbers: becomes n × F, the number
// of each field in each row, for scatter_batch().
template <class T, class Net>
void gather_batch(std::span<const FmField> fields, std::span<const uint32_t> order, const T* table, size_t d, Net& net,
                  std::vector<uint32_t>& numbers, ThreadPool& thread_pool) {
  constexpr size_t kRows = 256;
  const size_t F = fields.size();
  numbers.resize(order.size() * F);
  thread_pool.run((order.size() + kRows - 1) / kRows, [&](size_t task, int) {
    const size_t last = std::min(order.size(), (task + 1) * kRows);
    for (size_t row = task * kRows; row < last; ++row) {
      for (size_t f = 0; f < F; ++f) numbers[row * F + f] = fields[f].number[order[row]];
    }
    for (size_t row = task * kRows; row < last; ++row) {
      T linear = T(0);
      T* to = net.input(row);
      for (size_t f = 0; f < F; ++f) gather(fields[f], numbers[row * F + f], table, d, to + f * d, linear);
      net.linear()[row] = linear;
    }
  });
}

// Adds the batch's derivatives to `gradient`. A field is one thread's, which takes the batch in its order: the same
// bits for every number of threads.
template <class T, class Net>
void scatter_batch(std::span<const FmField> fields, const std::vector<uint32_t>& numbers, const T* d_logit, bool linear,
                   size_t d, const Net& net, T* gradient, ThreadPool& thread_pool) {
  const size_t F = fields.size();
  const size_t tasks = std::min(F, static_cast<size_t>(thread_pool.threads()));
  thread_pool.run(tasks, [&](size_t task, int) {
    for (size_t row = 0; row < numbers.size() / F; ++row) {
      for (size_t f = task * F / tasks; f < (task + 1) * F / tasks; ++f)
        scatter(fields[f], numbers[row * F + f], net.d_input(row) + f * d, linear ? d_logit[row] : T(0), d, gradient);
    }
  });
}

}  // namespace rec

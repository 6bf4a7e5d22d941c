// A column of a table in memory: numbers of its own, or those of a file. Values; a copy of a file's numbers shares
// them. Reading is thread-safe.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/memory.h"

namespace rec {

template <class T>
class DataColumn {
 public:
  using value_type = T;

  DataColumn() = default;
  DataColumn(std::vector<T> values) : own_(std::move(values)) { point(); }
  DataColumn(std::initializer_list<T> values) : own_(values) { point(); }
  // Numbers that lie in `owner`: in memory, or in_file, a mapped one that nobody writes. What changes the column copies
  // them first.
  DataColumn(std::span<const T> values, std::shared_ptr<const void> owner, bool in_file)
      : data_(values.data()), size_(values.size()), owner_(std::move(owner)), in_file_(in_file) {}
  // `size` numbers, which the caller sets through `room` before anyone reads them: no thread clears them first.
  static DataColumn unset(size_t size, std::span<T>& room) {
    const std::shared_ptr<T[]> numbers(new T[size]);
    room = {numbers.get(), size};
    return {room, numbers, false};
  }
  DataColumn(const DataColumn& other)
      : own_(other.own_), data_(other.data_), size_(other.size_), owner_(other.owner_), in_file_(other.in_file_) {
    if (!owner_) point();
  }
  DataColumn(DataColumn&& other) noexcept { swap(other); }
  DataColumn& operator=(DataColumn other) noexcept {
    swap(other);
    return *this;
  }
  ~DataColumn() = default;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T* data() const { return data_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  const T& operator[](size_t at) const { return data_[at]; }
  const T& front() const { return data_[0]; }
  const T& back() const { return data_[size_ - 1]; }

  // Takes the pages of a mapped file out of this program's memory; whoever reads them again waits for them.
  void release_pages() const {
    if (in_file_) release_mapped(data_, size_ * sizeof(T));
  }

  // The numbers, to be changed.
  std::span<T> own() {
    make_own();
    return own_;
  }
  void push_back(T value) {
    make_own();
    own_.push_back(value);
    point();
  }
  void resize(size_t size) {
    make_own();
    own_.resize(size);
    point();
  }
  void reserve(size_t size) {
    make_own();
    own_.reserve(size);
    point();
  }
  void append(std::span<const T> values) {
    make_own();
    own_.insert(own_.end(), values.begin(), values.end());
    point();
  }
  void clear() { *this = DataColumn(); }

  friend bool operator==(const DataColumn& a, const DataColumn& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  void swap(DataColumn& other) noexcept {
    own_.swap(other.own_);  // its numbers stay where they are
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    owner_.swap(other.owner_);
    std::swap(in_file_, other.in_file_);
  }
  void point() {
    data_ = own_.data();
    size_ = own_.size();
  }
  void make_own() {
    if (!owner_) return;
    own_.assign(begin(), end());
    owner_.reset();
    in_file_ = false;
    point();
  }

  std::vector<T> own_;
  const T* data_ = nullptr;
  size_t size_ = 0;
  std::shared_ptr<const void> owner_;  // null: the numbers are in own_
  bool in_file_ = false;
};

}  // namespace rec

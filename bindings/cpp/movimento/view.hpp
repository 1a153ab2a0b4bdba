// Arrays of someone else, as the library and its users hand them to each other. Part of movimento.hpp.

#ifndef MOVIMENTO_VIEW_HPP
#define MOVIMENTO_VIEW_HPP

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>

namespace movimento {

/// Contiguous numbers of someone else: made of a vector, an array, a std::span or a list in braces.
template <class T>
class view {
 public:
  using element_type = T;
  using value_type = std::remove_cv_t<T>;

  constexpr view() noexcept = default;
  constexpr view(T *data, std::size_t size) noexcept : data_(data), size_(size) {}

  template <class Container,
            class Data = std::remove_pointer_t<decltype(std::data(std::declval<Container &>()))>,
            class = decltype(std::begin(std::declval<Container &>())),  // not rows
            class = std::enable_if_t<!std::is_same_v<std::decay_t<Container>, view> &&
                                     std::is_convertible_v<Data (*)[], T (*)[]>>>
  constexpr view(Container &&container) noexcept
      : data_(std::data(container)), size_(std::size(container)) {}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winit-list-lifetime"  // an argument: it lives as long as the call
#endif
  template <class U = T, class = std::enable_if_t<std::is_const_v<U>>>
  constexpr view(std::initializer_list<value_type> list) noexcept
      : data_(list.begin()), size_(list.size()) {}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

  constexpr T *data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr T &operator[](std::size_t i) const noexcept { return data_[i]; }
  constexpr T *begin() const noexcept { return data_; }
  constexpr T *end() const noexcept { return data_ + size_; }

  /// Whether there is an array at all: an output that is not wanted is none.
  constexpr explicit operator bool() const noexcept { return data_ != nullptr; }

 private:
  T *data_ = nullptr;
  std::size_t size_ = 0;
};

/// Points or vectors, one after another: [n][d], row-major.
template <class T>
class rows {
 public:
  constexpr rows(T *data, std::size_t n, std::size_t d) noexcept : data_(data), n_(n), d_(d) {}

  constexpr T *data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return n_; }
  constexpr std::size_t dimension() const noexcept { return d_; }
  constexpr view<T> operator[](std::size_t i) const noexcept { return {data_ + i * d_, d_}; }
  constexpr explicit operator bool() const noexcept { return data_ != nullptr; }

 private:
  T *data_;
  std::size_t n_, d_;
};

/// What a density is asked for at n points in dimension d, see mov_energy_fn: `x`, `u` and, with
/// MOV_USES_GRADIENT, `p` = grad u are given; `f`, `f_u` and `f_p` are to be filled where they are wanted.
/// `t` is the time with MOV_USES_TIME, and else 0.
struct batch {
  std::size_t n, d;
  rows<const double> x;
  view<const double> u;
  rows<const double> p;
  view<double> f;
  view<double> f_u;
  rows<double> f_p;
  double t;
};

/// The same of a field of c components, see mov_system_fn: `u` and `f_u` are rows of c numbers, `p` and `f_p` rows
/// of c d, component after component.
struct system_batch {
  std::size_t n, d, c;
  rows<const double> x;
  rows<const double> u;
  rows<const double> p;
  view<double> f;
  rows<double> f_u;
  rows<double> f_p;
  double t;
};

/// The same of second derivatives of u, see mov_hessian_fn: `h` and `f_h` are rows of d^2 numbers, row after row of a
/// matrix.
struct hessian_batch {
  std::size_t n, d;
  rows<const double> x;
  view<const double> u;
  rows<const double> p;
  rows<const double> h;
  view<double> f;
  view<double> f_u;
  rows<double> f_p;
  rows<double> f_h;
  double t;
};

/// What a kernel is asked for at n pairs of points in dimension d, see mov_pair_fn: `x` and `y` are given;
/// `w` and `w_x` are to be filled where they are wanted. `t` is the time, of use with MOV_USES_TIME.
struct pair_batch {
  double t;
  std::size_t n, d;
  rows<const double> x;
  rows<const double> y;
  view<double> w;
  rows<double> w_x;
};

}  // namespace movimento

#endif  // MOVIMENTO_VIEW_HPP

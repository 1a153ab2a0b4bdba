// Options of a solver. Part of movimento.hpp.

#ifndef MOVIMENTO_OPTIONS_HPP
#define MOVIMENTO_OPTIONS_HPP

#include <movimento/border.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace movimento {

/// What a solver is to do: a set of options, each with a default.
class options {
 public:
  /// mov_options_create
  options() : handle_(detail::create<mov_options>(mov_options_create)) {}

  /// mov_options_set_text
  options &set(const std::string &name, const std::string &value) {
    detail::call([&] { return mov_options_set_text(get(), name.c_str(), value.c_str()); });
    return *this;
  }

  /// mov_options_set_real, or for a whole number mov_options_set_integer; a whole number also sets an
  /// option that takes reals, and one number an option that takes several.
  template <class Number, class = std::enable_if_t<detail::is_number<Number>>>
  options &set(const std::string &name, Number value) {
    return set(name, view<const Number>(&value, 1), is_one(name));
  }

  /// mov_options_set_reals or mov_options_set_integers: of a vector, an array, a view, a std::span.
  template <class Array, class Number = std::decay_t<decltype(*std::data(std::declval<const Array &>()))>,
            class = std::enable_if_t<detail::is_number<Number> && !std::is_same_v<Number, char>>>
  options &set(const std::string &name, const Array &values) {
    return set(name, view<const Number>(std::data(values), std::size(values)), false);
  }

  /// The same of numbers in braces.
  template <class Number>
  options &set(const std::string &name, std::initializer_list<Number> values) {
    return set(name, view<const Number>(values.begin(), values.size()), false);
  }
  options &set(const std::string &name, std::initializer_list<double> values) {
    return set(name, view<const double>(values.begin(), values.size()), false);
  }

  /// mov_options_get_real
  double real(const std::string &name) const {
    double value = 0.0;
    detail::call([&] { return mov_options_get_real(get(), name.c_str(), &value); });
    return value;
  }

  /// mov_options_get_integer
  std::int64_t integer(const std::string &name) const {
    std::int64_t value = 0;
    detail::call([&] { return mov_options_get_integer(get(), name.c_str(), &value); });
    return value;
  }

  /// mov_options_get_text
  std::string text(const std::string &name) const {
    return detail::text([&](char *buffer, std::uint64_t size, std::uint64_t *needed) {
      return mov_options_get_text(get(), name.c_str(), buffer, size, needed);
    });
  }

  /// mov_options_get_reals
  std::vector<double> reals(const std::string &name) const {
    return several<double>(name, mov_options_get_reals);
  }

  /// mov_options_get_integers
  std::vector<std::int64_t> integers(const std::string &name) const {
    return several<std::int64_t>(name, mov_options_get_integers);
  }

  /// mov_options_describe: all that there are, as JSON.
  static std::string describe() { return detail::text(mov_options_describe); }

  /// The handle, for movimento.h; it stays this object's.
  mov_options *get() const noexcept { return handle_.get(); }

 private:
  /// The options know their types; numbers are converted where that loses nothing.
  bool is_real(const std::string &name) const noexcept {
    double value = 0.0;
    std::uint64_t count = 0;
    return mov_options_get_real(get(), name.c_str(), &value) == MOV_OK ||
           mov_options_get_reals(get(), name.c_str(), 0, nullptr, &count) == MOV_OK;
  }
  bool is_one(const std::string &name) const noexcept {
    std::uint64_t count = 0;
    return mov_options_get_reals(get(), name.c_str(), 0, nullptr, &count) != MOV_OK &&
           mov_options_get_integers(get(), name.c_str(), 0, nullptr, &count) != MOV_OK;
  }

  template <class Number>
  options &set(const std::string &name, view<const Number> values, bool one) {
    if (std::is_floating_point_v<Number> || is_real(name)) {
      const std::vector<double> reals = converted<double>(values);
      detail::call([&] {
        return one ? mov_options_set_real(get(), name.c_str(), reals[0])
                   : mov_options_set_reals(get(), name.c_str(), reals.size(), reals.data());
      });
    } else {
      const std::vector<std::int64_t> integers = converted<std::int64_t>(values);
      detail::call([&] {
        return one ? mov_options_set_integer(get(), name.c_str(), integers[0])
                   : mov_options_set_integers(get(), name.c_str(), integers.size(), integers.data());
      });
    }
    return *this;
  }

  template <class To, class From>
  static std::vector<To> converted(view<const From> values) {
    std::vector<To> result;
    result.reserve(values.size());
    for (const From value : values) {
      if constexpr (std::is_integral_v<To> && std::is_unsigned_v<From> && sizeof(From) >= sizeof(To)) {
        if (value > static_cast<From>(std::numeric_limits<To>::max()))
          throw error(MOV_ERROR_OPTION, std::to_string(value) + " is no 64-bit signed integer");
      }
      result.push_back(static_cast<To>(value));
    }
    return result;
  }

  template <class T, class Get>
  std::vector<T> several(const std::string &name, Get get_values) const {
    std::uint64_t count = 0;
    detail::call([&] { return get_values(get(), name.c_str(), 0, nullptr, &count); });
    std::vector<T> values(static_cast<std::size_t>(count));
    detail::call([&] { return get_values(get(), name.c_str(), count, values.data(), &count); });
    return values;
  }

  detail::owned<mov_options, mov_options_free> handle_;
};

}  // namespace movimento

#endif  // MOVIMENTO_OPTIONS_HPP

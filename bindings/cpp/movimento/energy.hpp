// Terms of F. Part of movimento.hpp.

#ifndef MOVIMENTO_ENERGY_HPP
#define MOVIMENTO_ENERGY_HPP

#include <movimento/border.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace movimento {

/// One term of F: a plugin's, or a function of yours.
class energy {
 public:
  /// mov_energy_create: the energy of a plugin by its id, such as "dirichlet".
  explicit energy(const std::string &id)
      : handle_(detail::create<mov_energy>([&] { return mov_energy_create(id.c_str()); })) {}

  /// mov_energy_create_from_file; its first energy without `id`.
  static energy from_file(const std::string &path, const std::string &id = {}) {
    return energy(detail::create<mov_energy>([&] {
      return mov_energy_create_from_file(path.c_str(), id.empty() ? nullptr : id.c_str());
    }));
  }

  /// mov_energy_create_callback, or with MOV_USES_TIME among the flags mov_energy_create_callback_in_time:
  /// `density` is called with a `const batch &`, and returns nothing or a status: 0, above 0 to ask for a
  /// smaller step, below 0 to fail.
  template <class Density, class = std::enable_if_t<std::is_invocable_v<Density &, const batch &>>>
  energy(const std::string &name, Density density, std::uint32_t flags = 0)
      : name_(name), flags_(flags) {
    density_ = detail::with_status<batch>(std::move(density));
    begin();
  }

  /// mov_energy_create_pair_callback: `kernel` is called with a `const pair_batch &`, and returns as a
  /// density does. The flags are 0 or MOV_USES_TIME.
  template <class Kernel, class = std::enable_if_t<std::is_invocable_v<Kernel &, const pair_batch &>>>
  static energy of_pairs(const std::string &name, Kernel kernel, std::uint32_t flags = 0) {
    energy made(static_cast<mov_energy *>(nullptr));
    made.name_ = name;
    made.flags_ = flags;
    made.kernel_ = detail::with_status<pair_batch>(std::move(kernel));
    made.begin();
    return made;
  }

  /// mov_energy_create_system: `density` is called with a `const system_batch &`, and returns as a density does.
  template <class Density,
            class = std::enable_if_t<std::is_invocable_v<Density &, const system_batch &>>>
  static energy of_system(const std::string &name, std::size_t components, Density density,
                          std::uint32_t flags = 0) {
    energy made(static_cast<mov_energy *>(nullptr));
    made.name_ = name;
    made.flags_ = flags;
    made.components_ = components;
    made.system_ = detail::with_status<system_batch>(std::move(density));
    made.begin();
    return made;
  }

  /// mov_energy_create_with_hessian: `density` is called with a `const hessian_batch &`, and returns as a density does.
  template <class Density,
            class = std::enable_if_t<std::is_invocable_v<Density &, const hessian_batch &>>>
  static energy with_hessian(const std::string &name, Density density, std::uint32_t flags = 0) {
    energy made(static_cast<mov_energy *>(nullptr));
    made.name_ = name;
    made.flags_ = flags;
    made.hessian_ = detail::with_status<hessian_batch>(std::move(density));
    made.begin();
    return made;
  }

  /// The same for a density of u alone: f(u) and its derivative, one number at a time.
  template <class F, class Derivative,
            class = std::enable_if_t<std::is_invocable_r_v<double, F &, double> &&
                                     std::is_invocable_r_v<double, Derivative &, double>>>
  energy(const std::string &name, F f, Derivative f_u, std::uint32_t flags = 0)
      : energy(
            name,
            [f = std::move(f), f_u = std::move(f_u)](const batch &at) mutable {
              for (std::size_t i = 0; i < at.n; ++i) {
                if (at.f) at.f[i] = f(at.u[i]);
                if (at.f_u) at.f_u[i] = f_u(at.u[i]);
              }
            },
            flags) {}

  energy(energy &&) noexcept = default;
  energy &operator=(energy &&other) noexcept {
    energy taken(std::move(other));  // the handle goes before what it calls
    std::swap(name_, taken.name_);
    std::swap(flags_, taken.flags_);
    std::swap(density_, taken.density_);
    std::swap(kernel_, taken.kernel_);
    std::swap(system_, taken.system_);
    std::swap(hessian_, taken.hessian_);
    std::swap(components_, taken.components_);
    std::swap(unused_, taken.unused_);
    std::swap(own_, taken.own_);
    std::swap(handle_, taken.handle_);
    return *this;
  }

  /// mov_energy_set_real
  energy &set(const std::string &parameter, double value) & {
    detail::call([&] { return mov_energy_set_real(get(), parameter.c_str(), value); });
    return *this;
  }
  energy &&set(const std::string &parameter, double value) && {
    return std::move(set(parameter, value));
  }

  /// mov_energy_set_reals
  energy &set(const std::string &parameter, view<const double> values) & {
    detail::call([&] {
      return mov_energy_set_reals(get(), parameter.c_str(), values.size(), values.data());
    });
    return *this;
  }
  energy &&set(const std::string &parameter, view<const double> values) && {
    return std::move(set(parameter, values));
  }
  energy &set(const std::string &parameter, std::initializer_list<double> values) & {
    return set(parameter, view<const double>(values));
  }
  energy &&set(const std::string &parameter, std::initializer_list<double> values) && {
    return std::move(set(parameter, view<const double>(values)));
  }

  /// mov_plugin_describe: what an id, a file, or without `what` every plugin found offers, as JSON.
  static std::string describe(const std::string &what = {}) {
    return detail::text([&](char *buffer, std::uint64_t size, std::uint64_t *needed) {
      return mov_plugin_describe(what.empty() ? nullptr : what.c_str(), buffer, size, needed);
    });
  }

  /// The handle, for movimento.h; it stays this object's.
  mov_energy *get() const noexcept { return handle_.get(); }

 private:
  friend class solver;

  explicit energy(mov_energy *handle) : handle_(handle) {}

  void begin() {
    unused_ = std::make_unique<std::exception_ptr>();
    own_ = std::make_unique<detail::term>(term(unused_.get()));
    handle_.reset(make(*own_));
  }

  /// Whether it is a function of the user.
  bool is_own() const noexcept { return density_ || kernel_ || system_ || hessian_; }

  detail::term term(std::exception_ptr *thrown) const {
    return {density_, kernel_, system_, hessian_, thrown};
  }

  mov_energy *make(detail::term &term) const {
    return detail::create<mov_energy>([&] {
      const char *name = name_.c_str();
      if (kernel_) return mov_energy_create_pair_callback(name, detail::evaluate_pairs, flags_, &term);
      if (system_) return mov_energy_create_system(name, detail::evaluate_system, components_, flags_, &term);
      if (hessian_) return mov_energy_create_with_hessian(name, detail::evaluate_hessian, flags_, &term);
      if ((flags_ & MOV_USES_TIME) == 0)
        return mov_energy_create_callback(name, detail::evaluate, flags_, &term);
      const std::uint32_t others = flags_ & ~static_cast<std::uint32_t>(MOV_USES_TIME);
      return mov_energy_create_callback_in_time(name, detail::evaluate_in_time, others, &term);
    });
  }

  std::string name_;
  std::uint32_t flags_ = 0;
  std::shared_ptr<std::function<detail::density_function>> density_;  // none if a plugin's or of pairs
  std::shared_ptr<std::function<detail::kernel_function>> kernel_;
  std::shared_ptr<std::function<detail::system_function>> system_;
  std::shared_ptr<std::function<detail::hessian_function>> hessian_;
  std::size_t components_ = 1;
  std::unique_ptr<std::exception_ptr> unused_;
  std::unique_ptr<detail::term> own_;  // outlives the handle below
  detail::owned<mov_energy, mov_energy_free> handle_;
};

}  // namespace movimento

#endif  // MOVIMENTO_ENERGY_HPP

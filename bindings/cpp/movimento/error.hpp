// Failures are exceptions. Part of movimento.hpp.

#ifndef MOVIMENTO_ERROR_HPP
#define MOVIMENTO_ERROR_HPP

#include <movimento.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace movimento {

/// A call failed. `what()` names the argument, what was given and what is accepted.
class error : public std::runtime_error {
 public:
  error(std::int32_t status, const std::string &message)
      : std::runtime_error(message), status_(status) {}

  /// One of the MOV_ERROR_* or recoverable statuses of movimento.h.
  std::int32_t status() const noexcept { return status_; }

 private:
  std::int32_t status_;
};

/// Nothing has changed, and another try may succeed: a smaller tau, more iterations.
class recoverable : public error {
 public:
  using error::error;
};

/// mov_version
inline std::string version() { return mov_version(); }

/// mov_abi_version: of the library that is running; MOV_ABI_VERSION is that of the header.
inline std::int32_t abi_version() noexcept { return mov_abi_version(); }

}  // namespace movimento

#endif  // MOVIMENTO_ERROR_HPP

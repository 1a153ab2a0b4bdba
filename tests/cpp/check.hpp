// What the C++ test programs check by; they print nothing and end with 0, or say what went wrong first.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <movimento.hpp>

#define CHECK(condition)                                                            \
  do {                                                                              \
    if (!(condition)) {                                                             \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);          \
      std::exit(1);                                                                 \
    }                                                                               \
  } while (0)

// The statement is refused with this status, and the message holds this text.
#define REFUSED(statement, code, text)                                              \
  do {                                                                              \
    bool thrown = false;                                                            \
    try {                                                                           \
      statement;                                                                    \
    } catch (const movimento::error &e) {                                           \
      thrown = true;                                                                \
      if (e.status() != (code) || std::strstr(e.what(), (text)) == nullptr) {       \
        std::fprintf(stderr, "%s:%d: %d: %s\n", __FILE__, __LINE__, static_cast<int>(e.status()), e.what()); \
        std::exit(1);                                                               \
      }                                                                             \
    }                                                                               \
    CHECK(thrown);                                                                  \
  } while (0)

// A host for the test of one product's reader: a root that the test fills, what the host answered,
// and a clock that stands.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "agent/probes/protection/product.h"
#include "common/timestamp.h"
#include "tests/agent/probes/test_root.h"

namespace muster::protection::test {

class ProductWorld {
 public:
  static TimePoint now() { return *parse_iso8601("2026-11-22T12:00:00Z"); }

  muster::test::TestRoot& root() { return root_; }
  // The host answered so, with this exit status.
  void answer(std::string question, std::string text, int32_t status = 0) {
    answers_.push_back({.name = std::move(question),
                        .outcome = answers::Outcome::kAnswered,
                        .status = status,
                        .text = std::move(text),
                        .error_text = {}});
  }
  void answer(answers::Answer given) { answers_.push_back(std::move(given)); }

  // What the reader says; nothing where the product is not installed.
  std::optional<v1::ProtectionProduct> read(ReadProduct reader) {
    problems_.clear();
    const probe::HostAnswers answers = answers_.empty()
                                           ? probe::HostAnswers("nobody was asked: a test")
                                           : probe::HostAnswers(answers_);
    return reader({.root = root_.path(), .answers = answers, .now = now(), .problems = problems_});
  }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  muster::test::TestRoot root_;
  std::vector<answers::Answer> answers_;
  std::vector<std::string> problems_;
};

// The reason why the fact is unread; empty: it is not.
inline std::string why_unread(const v1::ProtectionProduct& product, std::string_view fact) {
  for (const v1::UnreadFact& unread : product.unread()) {
    if (unread.fact() == fact) return unread.reason();
  }
  return {};
}

}  // namespace muster::protection::test

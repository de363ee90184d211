#include "collector/policy_test/policy_test_text.h"

#include <fmt/format.h>

#include "common/counted.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kTextShown = 300;

std::string shown(const std::string& text) {
  return printable(text, kTextShown);
}

std::string indented(const std::string& text, size_t indent, const TerminalStyle& style) {
  std::string lines;
  for (const std::string& line : wrap_text(shown(text), style.width - indent))
    lines += fmt::format("{:{}}{}\n", "", indent, for_terminal(line, style));
  return lines;
}

// "security-updates, openssl: expected fail, got due".
std::string mismatch_words(const v1::PolicyTestMismatch& mismatch) {
  std::string of = mismatch.control();
  if (!mismatch.subject().empty()) of += ", " + mismatch.subject();
  if (mismatch.control().empty()) of = "as a whole";
  const std::string field = mismatch.field() == "status" ? "" : mismatch.field() + " ";
  return fmt::format("{}: expected {}{}, got {}", of, field, mismatch.expected(), mismatch.got());
}

std::string count_words(size_t count, size_t failed) {
  const std::string tests = counted(count, "test");
  return failed == 0 ? tests + ", all hold" : fmt::format("{}, {} failed", tests, failed);
}

}  // namespace

std::string policy_test_text(const v1::PolicyTestReport& report, const TerminalStyle& style) {
  std::string text;
  for (const v1::PolicyTestResult& test : report.tests()) {
    if (test.mismatches().empty()) continue;
    text += paint("FAILED", Ink::kRed, style) + " " + for_terminal(shown(test.name()), style) +
            "\n" + indented("in " + test.file(), 2, style);
    for (const v1::PolicyTestMismatch& mismatch : test.mismatches()) {
      text += indented(mismatch_words(mismatch), 2, style);
      if (!mismatch.reason().empty()) text += indented("because: " + mismatch.reason(), 4, style);
    }
    text += "\n";
  }
  return text + count_words(static_cast<size_t>(report.tests_size()), report.failed()) + "\n";
}

}  // namespace muster::collector

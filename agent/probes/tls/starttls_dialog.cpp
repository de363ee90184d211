#include "agent/probes/tls/starttls_dialog.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/text.h"

namespace muster::tls {
namespace {

constexpr size_t kDetailLimit = 256;
constexpr size_t kShown = 80;

// Types of TLS records that a server may begin with.
constexpr char kTlsAlert = 0x15;
constexpr char kTlsHandshake = 0x16;

// What no line of text has. A byte above is part of some alphabet.
bool is_binary(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\r' && c != '\n') || byte == 0x7f;
}

}  // namespace

StartTlsDialog::Step BufferedDialog::end(Step step, std::string_view detail) {
  detail_ = printable(detail, kDetailLimit);
  return step;
}

StartTlsDialog::Step BufferedDialog::receive(std::string_view bytes, std::string& reply) {
  const std::string_view within = bytes.substr(0, kMostBytes - taken_);
  const bool has_more = within.size() < bytes.size();
  taken_ += within.size();
  buffer_ += within;
  std::string_view rest = buffer_;
  std::optional<Step> step = Step::kRead;
  while (step == Step::kRead)
    step = take(rest, reply);
  const bool has_rest = !rest.empty() || has_more;
  const size_t used = buffer_.size() - rest.size();
  if (!step) {
    buffer_.erase(0, used);
    if (!has_more) return Step::kRead;
    return end(Step::kTooLarge,
               fmt::format("it said more than {} KiB before TLS", kMostBytes >> 10));
  }
  if (*step == Step::kBeginTls && has_rest) {
    return not_the_protocol("more came behind the go-ahead for TLS, before TLS began");
  }
  return *step;
}

std::optional<StartTlsDialog::Step> LineDialog::take(std::string_view& rest, std::string& reply) {
  const size_t end_of_line = rest.find('\n');
  std::string_view line = rest.substr(0, end_of_line);
  const auto binary = std::find_if(line.begin(), line.end(), &is_binary);
  if (binary != line.end()) {
    if (line.front() == kTlsAlert || line.front() == kTlsHandshake) {
      return not_the_protocol("it speaks TLS at once");
    }
    line = line.substr(0, static_cast<size_t>(binary - line.begin()) + 1);
    return not_the_protocol(fmt::format("what came is no text: {}", printable(line, kShown)));
  }
  if (line.size() > kMostLineBytes) {
    return end(Step::kTooLarge, fmt::format("a line of more than {} KiB", kMostLineBytes >> 10));
  }
  if (end_of_line == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(end_of_line + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return take_line(line, reply);
}

std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

}  // namespace muster::tls

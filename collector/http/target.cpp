#include "collector/http/target.h"

#include <algorithm>
#include <optional>

#include "common/text.h"

namespace muster::collector::http {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

absl::StatusOr<std::string> decode(std::string_view raw, bool plus_is_space) {
  std::string text;
  text.reserve(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      text += plus_is_space && raw[i] == '+' ? ' ' : raw[i];
      continue;
    }
    if (raw.size() - i < 3)
      return absl::InvalidArgumentError("an escape (%) in the URL is cut off");
    const std::optional<unsigned> high = hex_digit(raw[i + 1]);
    const std::optional<unsigned> low = hex_digit(raw[i + 2]);
    if (!high || !low) {
      return absl::InvalidArgumentError(
          "an escape (%) in the URL is not followed by two hex digits");
    }
    text += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  const bool control =
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (control) return absl::InvalidArgumentError("the URL has a control character");
  if (!is_valid_utf8(text)) return absl::InvalidArgumentError("the URL is not UTF-8");
  return text;
}

// Of a good path, where it is once that is decoded.
size_t first_encoded_slash(std::string_view raw) {
  size_t decoded = 0;
  for (size_t i = 0; i < raw.size(); i += raw[i] == '%' ? 3 : 1, ++decoded) {
    const std::string_view escape = raw.substr(i, 3);
    if (escape == "%2F" || escape == "%2f") return decoded;
  }
  return std::string::npos;
}

absl::Status check_segments(std::string_view path) {
  // "/" alone is the root; after that every '/' is followed by a name.
  if (path == "/") return absl::OkStatus();
  size_t begin = 1;
  while (begin <= path.size()) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment.empty()) {
      return absl::InvalidArgumentError(
          "the URL's path has an empty segment (\"//\" or a last \"/\")");
    }
    if (segment == "." || segment == "..") {
      return absl::InvalidArgumentError("the URL's path has a \".\" or \"..\" segment");
    }
    begin = end + 1;
  }
  return absl::OkStatus();
}

// "scheme://authority" in front of the path; empty if that is none.
std::string_view without_authority(std::string_view raw) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!raw.starts_with(scheme)) continue;
    const size_t path = raw.find_first_of("/?", scheme.size());
    if (path == std::string_view::npos || path == scheme.size() || raw[path] == '?' ||
        !is_authority(raw.substr(scheme.size(), path - scheme.size()))) {
      return {};
    }
    return raw.substr(path);
  }
  return raw;
}

}  // namespace

bool is_authority(std::string_view text) {
  // RFC 3986's reg-name and IP-literal, with a port, less the comma that joins a list.
  constexpr std::string_view kAlso = ".-_~!$&'()*+;=:%[]";
  return std::all_of(text.begin(), text.end(), [kAlso](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kAlso.find(c) != std::string_view::npos;
  });
}

absl::StatusOr<Target> parse_target(std::string_view raw) {
  raw = without_authority(raw);
  if (raw.empty() || raw.front() != '/') {
    return absl::InvalidArgumentError("the URL's path must start with \"/\"");
  }
  const bool foreign = std::any_of(raw.begin(), raw.end(), [](unsigned char c) {
    return c <= 0x20 || c >= 0x7f || c == '#' || c == '\\';
  });
  if (foreign) {
    return absl::InvalidArgumentError("the URL has a character that must be percent-encoded");
  }
  const size_t question = std::min(raw.find('?'), raw.size());
  const std::string_view raw_path = raw.substr(0, question);
  Target target;
  absl::StatusOr<std::string> path = decode(raw_path, false);
  if (!path.ok()) return path.status();
  if (absl::Status status = check_segments(*path); !status.ok()) return status;
  target.path = *std::move(path);
  target.encoded_slash = first_encoded_slash(raw_path);

  std::string_view rest = question < raw.size() ? raw.substr(question + 1) : std::string_view();
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view parameter = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (parameter.empty()) continue;
    if (target.query.size() == kQueryLimit) {
      return absl::InvalidArgumentError("the URL has too many parameters");
    }
    const size_t equals = std::min(parameter.find('='), parameter.size());
    absl::StatusOr<std::string> name = decode(parameter.substr(0, equals), true);
    if (!name.ok()) return name.status();
    absl::StatusOr<std::string> value =
        decode(parameter.substr(std::min(equals + 1, parameter.size())), true);
    if (!value.ok()) return value.status();
    target.query.emplace_back(*std::move(name), *std::move(value));
  }
  return target;
}

}  // namespace muster::collector::http

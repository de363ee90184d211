#include "agent/launcher_program/request_table.h"

#include <cstring>

namespace muster::agent {
namespace {

constexpr std::string_view kMagic = "MUSTERP1";

void append(std::string& bytes, uint32_t number) {
  char encoded[sizeof number];
  std::memcpy(encoded, &number, sizeof number);
  bytes.append(encoded, sizeof number);
}

void append(std::string& bytes, const std::string& text) {
  append(bytes, static_cast<uint32_t>(text.size()));
  bytes += text;
}

// Takes from the front; once something was not there, nothing is.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  uint32_t number(uint32_t most) {
    uint32_t value = 0;
    if (rest_.size() < sizeof value) return fail();
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value <= most ? value : fail();
  }

  std::string text(size_t most) {
    const uint32_t size = number(static_cast<uint32_t>(most));
    if (rest_.size() < size) {
      fail();
      return {};
    }
    std::string value(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return value;
  }

  bool is_good() const { return good_; }
  bool is_at_the_end() const { return good_ && rest_.empty(); }

 private:
  uint32_t fail() {
    good_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

// A zero in a path would be its end for the kernel, and not for who reads it here.
bool is_path(const std::string& path) {
  return path.starts_with('/') && path.find('\0') == std::string::npos;
}

}  // namespace

std::string write_request_table(const RequestTable& table) {
  std::string bytes(kMagic);
  append(bytes, table.probe_directory);
  append(bytes, static_cast<uint32_t>(table.rows.size()));
  for (const ProbeOrders& row : table.rows) {
    append(bytes, row.enabled ? 1U : 0U);
    append(bytes, row.timeout_milliseconds);
    append(bytes, row.request);
    append(bytes, static_cast<uint32_t>(row.paths.size()));
    for (const std::string& path : row.paths)
      append(bytes, path);
  }
  return bytes;
}

std::optional<RequestTable> parse_request_table(std::string_view bytes, size_t rows) {
  if (bytes.size() > kRequestTableLimit || !bytes.starts_with(kMagic)) return std::nullopt;
  bytes.remove_prefix(kMagic.size());
  Reader reader(bytes);
  RequestTable table;
  table.probe_directory = reader.text(kRequestPathLimit);
  if (!table.probe_directory.empty() && !is_path(table.probe_directory)) return std::nullopt;
  if (reader.number(UINT32_MAX) != rows) return std::nullopt;
  for (size_t i = 0; i < rows && reader.is_good(); ++i) {
    ProbeOrders row;
    row.enabled = reader.number(1) == 1;
    row.timeout_milliseconds = reader.number(kLongestTimeoutMilliseconds);
    row.request = reader.text(kRequestLimit);
    const uint32_t paths = reader.number(kRequestPaths);
    for (uint32_t path = 0; path < paths && reader.is_good(); ++path) {
      row.paths.push_back(reader.text(kRequestPathLimit));
      if (!is_path(row.paths.back())) return std::nullopt;
    }
    table.rows.push_back(std::move(row));
  }
  if (!reader.is_at_the_end()) return std::nullopt;
  return table;
}

}  // namespace muster::agent

// What fwupd answers, a dictionary or an array of them (D-Bus Specification 0.41: a{sv}, aa{sv}),
// as plain values. The peer is another program, whose bytes are foreign: sd-bus has checked that
// the message is well-formed and its texts are UTF-8, and here is what it may have of each. One
// thread a message.
#pragma once

#include <absl/status/statusor.h>
#include <systemd/sd-bus.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace muster::fwupd {

// Bytes of a text; what is longer is cut.
inline constexpr size_t kLongestText = 256;
// Entries of a dictionary and texts in a list; what comes after them is passed over.
inline constexpr size_t kMostEntries = 64;
inline constexpr size_t kMostTexts = 16;

class Dictionary {
 public:
  using Value = std::variant<std::string, uint64_t, bool, std::vector<std::string>>;

  void set(std::string key, Value value) { values_[std::move(key)] = std::move(value); }
  size_t size() const { return values_.size(); }

  // Empty, 0 and false where there is none by the name, or one of another type.
  std::string text(std::string_view key) const;
  uint64_t number(std::string_view key) const;
  bool flag(std::string_view key) const;
  std::vector<std::string> texts(std::string_view key) const;

 private:
  std::map<std::string, Value, std::less<>> values_;
};

struct Dictionaries {
  std::vector<Dictionary> all;
  // Those beyond the bound.
  size_t left_out = 0;
};

// InvalidArgument where the message is of another type. Values of types that fwupd has no use for
// here (nested dictionaries, negative numbers) are passed over.
absl::StatusOr<Dictionary> read_dictionary(sd_bus_message* message);
absl::StatusOr<Dictionaries> read_dictionaries(sd_bus_message* message, size_t most);

}  // namespace muster::fwupd

#include "agent/probes/firmware_fwupd/dictionaries.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "common/text.h"

namespace muster::fwupd {
namespace {

// Reads on from where the message is. After the first failure nothing is read any more.
class Reader {
 public:
  explicit Reader(sd_bus_message* message) : message_(message) {}

  bool enter(char type, const char* contents) {
    return goes_on() && note(::sd_bus_message_enter_container(message_, type, contents)) > 0;
  }
  void leave() {
    if (goes_on()) note(::sd_bus_message_exit_container(message_));
  }
  void skip(const char* type) {
    if (goes_on()) note(::sd_bus_message_skip(message_, type));
  }
  bool at_end() { return !goes_on() || note(::sd_bus_message_at_end(message_, 0)) != 0; }

  std::string text() {
    const char* text = nullptr;
    return basic('s', text) ? truncate_utf8(text, kLongestText) : std::string();
  }
  std::vector<std::string> texts() {
    std::vector<std::string> all;
    if (!enter('a', "s")) return all;
    while (!at_end()) {
      if (all.size() < kMostTexts) {
        all.push_back(text());
      } else {
        skip("s");
      }
    }
    leave();
    return all;
  }

  // Of a{sv}, within its array.
  Dictionary entries() {
    Dictionary dictionary;
    while (!at_end()) {
      if (dictionary.size() >= kMostEntries) {
        skip("{sv}");
        continue;
      }
      if (!enter('e', "sv")) break;
      value(text(), dictionary);
      leave();
    }
    return dictionary;
  }

  absl::Status status() const {
    if (error_ >= 0) return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("the answer is not of the type that was expected: {}", std::strerror(-error_)));
  }

 private:
  bool goes_on() const { return error_ >= 0; }
  int note(int returned) {
    if (returned < 0 && error_ >= 0) error_ = returned;
    return returned;
  }
  template <typename T>
  bool basic(char type, T& value) {
    if (!goes_on()) return false;
    const int returned = note(::sd_bus_message_read_basic(message_, type, &value));
    // What is not there is no value either.
    if (returned == 0) note(-EBADMSG);
    return returned > 0;
  }

  void value(const std::string& key, Dictionary& dictionary) {
    if (!goes_on()) return;
    char type = 0;
    const char* contents = nullptr;
    note(::sd_bus_message_peek_type(message_, &type, &contents));
    const std::string_view signature = contents == nullptr ? "" : contents;
    constexpr std::string_view kRead[] = {"s", "u", "t", "b", "as"};
    bool is_read = false;
    for (const std::string_view each : kRead)
      is_read = is_read || each == signature;
    if (!is_read) return skip("v");
    // It lies in the message, which entering it goes on in.
    const std::string inside(signature);
    if (!enter('v', inside.c_str())) return;
    if (inside == "s") dictionary.set(key, text());
    if (inside == "as") dictionary.set(key, texts());
    if (inside == "u") dictionary.set(key, uint64_t{number<uint32_t>('u')});
    if (inside == "t") dictionary.set(key, number<uint64_t>('t'));
    if (inside == "b") dictionary.set(key, number<int>('b') != 0);
    leave();
  }
  template <typename T>
  T number(char type) {
    T value{};
    basic(type, value);
    return value;
  }

  sd_bus_message* message_;
  int error_ = 0;
};

template <typename T>
T value_of(const std::map<std::string, Dictionary::Value, std::less<>>& values,
           std::string_view key) {
  const auto found = values.find(key);
  const T* value = found == values.end() ? nullptr : std::get_if<T>(&found->second);
  return value == nullptr ? T{} : *value;
}

}  // namespace

std::string Dictionary::text(std::string_view key) const {
  return value_of<std::string>(values_, key);
}
uint64_t Dictionary::number(std::string_view key) const {
  return value_of<uint64_t>(values_, key);
}
bool Dictionary::flag(std::string_view key) const {
  return value_of<bool>(values_, key);
}
std::vector<std::string> Dictionary::texts(std::string_view key) const {
  return value_of<std::vector<std::string>>(values_, key);
}

absl::StatusOr<Dictionary> read_dictionary(sd_bus_message* message) {
  Reader reader(message);
  Dictionary dictionary;
  if (reader.enter('a', "{sv}")) {
    dictionary = reader.entries();
    reader.leave();
  }
  if (absl::Status status = reader.status(); !status.ok()) return status;
  return dictionary;
}

absl::StatusOr<Dictionaries> read_dictionaries(sd_bus_message* message, size_t most) {
  Reader reader(message);
  Dictionaries dictionaries;
  if (reader.enter('a', "a{sv}")) {
    while (!reader.at_end()) {
      if (dictionaries.all.size() >= most) {
        reader.skip("a{sv}");
        ++dictionaries.left_out;
        continue;
      }
      if (!reader.enter('a', "{sv}")) break;
      dictionaries.all.push_back(reader.entries());
      reader.leave();
    }
    reader.leave();
  }
  if (absl::Status status = reader.status(); !status.ok()) return status;
  return dictionaries;
}

}  // namespace muster::fwupd

// Messages of DNS (RFC 1035) as values: the bytes of a question, and what the bytes of its answer
// say. The wire format is libldns's; what it lets through half made is left out here. Bytes from
// outside; pure. A Message is immutable, and cheap to copy; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct ldns_struct_pkt;
struct ldns_struct_rr;

namespace muster::zone {

// By IANA's numbers.
enum class Type : uint16_t {
  kA = 1,
  kNs = 2,
  kCname = 5,
  kSoa = 6,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
  kDs = 43,
  kRrsig = 46,
  kDnskey = 48,
  kCaa = 257,
};
std::string_view type_text(Type type);

struct Question {
  // Lower case, no last dot: "example.org"; empty for the root.
  std::string name;
  Type type = Type::kSoa;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in what it is rewritten to.
  auto operator<=>(const Question&) const = default;
};

// Of one message, over UDP with EDNS and over TCP.
inline constexpr uint16_t kUdpSize = 1232;
inline constexpr size_t kLargestMessage = 65535;

// One message, with EDNS and for signatures (DO), whether or not a resolver believes them (CD).
// Unset where the name is none that DNS can have.
std::optional<std::string> question_bytes(const Question& question, uint16_t id, bool recursion);
// Whether the answer says that it was cut off (TC): the rest is had by TCP. Reads the header only.
bool is_cut_off(std::string_view bytes);

enum class Part { kAnswer, kAuthority, kAdditional };

// A record of class IN with all that its type has. Of its message, which outlives it.
class Record {
 public:
  explicit Record(const ldns_struct_rr* record) : record_(record) {}

  // As Question has names, escaped as in a zone file; printable.
  std::string owner() const;
  // The part of its data at `index`, as a name, as a number, or as bytes without their length.
  std::string name(size_t index) const;
  uint32_t number(size_t index) const;
  std::string bytes(size_t index) const;
  // All of its strings, one after the other: TXT.
  std::string text() const;
  // Of A and AAAA.
  std::optional<boost::asio::ip::address> address() const;
  const ldns_struct_rr* get() const { return record_; }

 private:
  const ldns_struct_rr* record_;
};

class Message {
 public:
  // InvalidArgument, with a sentence, for what is no answer to that question.
  static absl::StatusOr<Message> read(std::string_view bytes, const Question& question);

  // NOERROR is 0, NXDOMAIN 3.
  int code() const;
  // "REFUSED"
  std::string code_text() const;
  bool authoritative() const;
  std::vector<Record> records(Part part, std::string_view owner, Type type) const;
  // The signatures of these.
  std::vector<Record> signatures(Part part, std::string_view owner, Type type) const;
  // Where aliases lead from a name within the answer; the name itself without any.
  std::string end_of_aliases(std::string name) const;

 private:
  explicit Message(std::shared_ptr<const ldns_struct_pkt> packet) : packet_(std::move(packet)) {}

  // Shared by all copies: it is read only.
  std::shared_ptr<const ldns_struct_pkt> packet_;
};

inline constexpr int kNoError = 0;
inline constexpr int kNameError = 3;

}  // namespace muster::zone

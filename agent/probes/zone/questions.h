// The questions of one look: bounded in number, the same one asked of the resolver once, and each
// answer read. One thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/probes/zone/asker.h"
#include "agent/probes/zone/dns_message.h"

namespace muster::zone {

struct Answer {
  End end = End::kNotAsked;
  // Where it is not answered, a sentence.
  std::string why;
  // Where it is.
  std::optional<Message> message;
  // By UDP nothing came.
  bool only_by_tcp = false;
};

// Records of one name, found through the resolver of this host.
struct Resolved {
  // Why nobody knows; then there are none.
  std::string failure;
  // Without it: whether the name is there at all.
  bool name_exists = false;
  // Has the records, by `owner`: where aliases led.
  std::optional<Message> message;
  std::string owner;

  std::vector<Record> records(Type type) const {
    return message ? message->records(Part::kAnswer, owner, type) : std::vector<Record>();
  }
};

struct Addresses {
  std::vector<boost::asio::ip::address> addresses;
  std::string failure;
};

class Questions {
 public:
  static constexpr size_t kMost = 600;
  static constexpr size_t kMostAddresses = 16;

  explicit Questions(Asker& asker) : asker_(asker) {}

  // By UDP, and by TCP where the answer was cut off or none came.
  boost::asio::awaitable<Answer> ask(boost::asio::ip::address server, Question question);
  boost::asio::awaitable<Answer> ask_by_tcp(boost::asio::ip::address server, Question question);
  boost::asio::awaitable<Resolved> resolve(Question question);
  // Of a name server, IPv4 first; at most kMostAddresses.
  boost::asio::awaitable<Addresses> addresses_of(std::string name);

 private:
  boost::asio::awaitable<Reply> exchange(std::optional<boost::asio::ip::address> server,
                                         Question question, Way way);
  boost::asio::awaitable<Answer> ask_either_way(std::optional<boost::asio::ip::address> server,
                                                Question question);

  Asker& asker_;
  size_t asked_ = 0;
  std::map<Question, Resolved> resolved_;
};

}  // namespace muster::zone

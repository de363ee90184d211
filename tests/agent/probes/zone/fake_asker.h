// Name servers, and a resolver, of what the test tells them: answers as whole messages, made by
// libldns from records as a zone file has them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "agent/probes/zone/asker.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::zone::test {

struct Canned {
  int code = 0;
  bool authoritative = true;
  std::vector<std::string> answer = {};
  std::vector<std::string> authority = {};
  std::vector<std::string> additional = {};
  // These in place of all that.
  std::string bytes = {};
};

class FakeAsker : public Asker {
 public:
  boost::asio::awaitable<Reply> ask(std::optional<boost::asio::ip::address> server,
                                    Question question, Way way) override;

  // By address ("" is the resolver), name and type. Without one there is no such record, said by a
  // server with the zone.
  std::map<std::tuple<std::string, std::string, Type>, Canned> answers;
  // By address.
  std::set<std::string> silent;
  std::set<std::string> down;
  std::set<std::string> forbidden;
  std::set<std::string> silent_by_tcp;
  // Cuts answers off over UDP.
  std::set<std::string> cuts_off;
  size_t asked = 0;

  Canned& at(const std::string& server, const std::string& name, Type type) {
    return answers[{server, name, type}];
  }
};

// example.org, delegated by org to ns1 at 192.0.2.1 and ns2 at 192.0.2.2, both as they should be;
// not signed; a mail server, SPF, and no other records.
FakeAsker healthy_zone();

v1::ZoneFacts look(Asker& asker, const std::string& target = "example.org",
                   const std::string& registered = "example.org");

}  // namespace muster::zone::test

// What the probe is given and where it may dial.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/delimited_message_util.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/probes/listeners/given_sections.h"
#include "agent/probes/listeners/own_host.h"
#include "agent/probes/listeners/protocol_guess.h"

namespace muster::listeners {
namespace {

using ::testing::HasSubstr;

std::string message_of(const absl::Status& status) {
  return std::string(status.message());
}

v1::Section section_of(const std::string& probe, const google::protobuf::Message& facts) {
  v1::Section section;
  section.set_probe(probe);
  section.set_outcome(v1::OUTCOME_OBSERVED);
  section.set_facts_type(facts.GetTypeName());
  section.set_facts(facts.SerializeAsString());
  return section;
}

v1::SocketFacts one_socket() {
  v1::SocketFacts facts;
  facts.add_sockets()->set_port(443);
  return facts;
}

TEST(GivenSections, AreReadByTheirProbes) {
  v1::GivenSections sections;
  sections.set_look(7);
  *sections.add_sections() = section_of("sockets", one_socket());
  v1::ListenerFacts before;
  before.add_listeners()->set_port(25);
  *sections.add_sections() = section_of("listeners", before);
  const auto given = read_given(sections.SerializeAsString());
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->sockets.sockets(0).port(), 443U);
  EXPECT_EQ(given->before.listeners(0).port(), 25U);
  EXPECT_EQ(given->look, 7U);
  EXPECT_FALSE(given->all_questions);
}

TEST(GivenSections, SayWhyThereAreNoSockets) {
  v1::GivenSections sections;
  v1::Section& failed = *sections.add_sections();
  failed.set_probe("sockets");
  failed.set_outcome(v1::OUTCOME_FAILED);
  failed.set_reason("/proc is not mounted");
  EXPECT_THAT(message_of(read_given(sections.SerializeAsString()).status()),
              HasSubstr("/proc is not mounted"));
  EXPECT_THAT(message_of(read_given("").status()), HasSubstr("no section of it was given"));
}

TEST(GivenSections, OfOtherFactsAreRefused) {
  v1::GivenSections sections;
  *sections.add_sections() = section_of("sockets", v1::ListenerFacts());
  EXPECT_FALSE(read_given(sections.SerializeAsString()).ok());
  sections.mutable_sections(0)->set_facts_type("muster.v1.SocketFacts");
  sections.mutable_sections(0)->set_facts("\xff");
  EXPECT_FALSE(read_given(sections.SerializeAsString()).ok());
  EXPECT_FALSE(read_given("\xff").ok());
}

TEST(GivenSections, HaveBounds) {
  v1::GivenSections sections;
  v1::SocketFacts facts = one_socket();
  facts.add_unseen(std::string(kMostOfSection, 'a'));
  *sections.add_sections() = section_of("sockets", facts);
  EXPECT_THAT(message_of(read_given(sections.SerializeAsString()).status()), HasSubstr("4 MiB"));
  sections.mutable_sections(0)->set_facts(std::string(kMostGiven, '\0'));
  EXPECT_THAT(message_of(read_given(sections.SerializeAsString()).status()), HasSubstr("10 MiB"));
}

TEST(GivenSections, ByHandAreWhatProbesPrint) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::util::SerializeDelimitedToZeroCopyStream(section_of("sockets", one_socket()),
                                                               &stream);
    google::protobuf::util::SerializeDelimitedToZeroCopyStream(
        section_of("certificates", v1::CertificateFacts()), &stream);
  }
  const auto message = given_by_hand(bytes);
  ASSERT_TRUE(message.ok()) << message.status();
  const auto given = read_given(*message);
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_TRUE(given->all_questions);
  EXPECT_EQ(given->sockets.sockets_size(), 1);
  EXPECT_FALSE(given_by_hand(bytes.substr(0, bytes.size() - 1)).ok());
  EXPECT_FALSE(given_by_hand("{\"probe\": \"sockets\"}").ok());
}

v1::ListeningSocket socket_at(const std::string& address, uint32_t port,
                              const std::string& program) {
  v1::ListeningSocket socket;
  socket.set_address(address);
  socket.set_port(port);
  socket.mutable_owner()->set_program(program);
  socket.mutable_owner()->set_processes(1);
  return socket;
}

TEST(OwnHost, IsLoopbackAndNothingThatIsRoutedElsewhere) {
  const auto is_own = [](const char* text) {
    return is_own_address(boost::asio::ip::make_address(text));
  };
  EXPECT_TRUE(is_own("127.0.0.1"));
  EXPECT_TRUE(is_own("127.3.2.1"));
  EXPECT_TRUE(is_own("::1"));
  for (const char* const text :
       {"192.0.2.1", "169.254.169.254", "198.51.100.7", "2001:db8::7", "fe80::1", "224.0.0.1",
        "255.255.255.255", "0.0.0.0", "::", "ff02::1", "::ffff:192.0.2.1"}) {
    EXPECT_FALSE(is_own(text)) << text;
  }
}

TEST(ProtocolGuess, IsByPortThenByProgram) {
  EXPECT_EQ(guess_starttls(socket_at("::", 25, "something")), v1::START_TLS_SMTP);
  EXPECT_EQ(guess_starttls(socket_at("::", 5433, "postgres")), v1::START_TLS_POSTGRES);
  EXPECT_EQ(guess_starttls(socket_at("::", 2525, "master")), v1::START_TLS_SMTP);
  EXPECT_EQ(guess_starttls(socket_at("::", 465, "master")), v1::START_TLS_UNSPECIFIED);
  EXPECT_EQ(guess_starttls(socket_at("::", 636, "slapd")), v1::START_TLS_UNSPECIFIED);
  EXPECT_EQ(guess_starttls(socket_at("::", 443, "nginx")), v1::START_TLS_UNSPECIFIED);
}

}  // namespace
}  // namespace muster::listeners

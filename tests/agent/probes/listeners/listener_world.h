// Sockets, what is known of them from look to look, and answers of servers. Tests only.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agent/probes/listeners/listener_answer.h"
#include "agent/probes/listeners/listener_memory.h"
#include "agent/probes/listeners/listener_questions.h"
#include "agent/probes/tls/tls_conversation.h"

namespace muster::listeners::test {

inline v1::ListeningSocket socket_at(uint32_t port, uint64_t inode,
                                     const std::string& program = "nginx") {
  v1::ListeningSocket socket;
  socket.set_address("0.0.0.0");
  socket.set_port(port);
  socket.set_inode(inode);
  socket.mutable_owner()->set_program(program);
  socket.mutable_owner()->set_processes(1);
  return socket;
}

inline std::string chain_of(const std::string& name) {
  v1::ServedChain chain;
  chain.add_certificates()->add_subject_alternative_names("DNS:" + name);
  return chain.SerializeAsString();
}

inline Heard completed(const std::string& name, const std::string& chain, bool matches = true,
                       const std::string& version = "TLSv1.3") {
  Heard heard;
  heard.service.set_answer(v1::TLS_ANSWER_COMPLETED);
  heard.service.set_server_name(name);
  heard.service.set_version(version);
  heard.service.set_name_matches(matches);
  heard.chain = chain;
  return heard;
}

inline Heard ended(v1::TlsAnswer answer, const std::string& detail = "") {
  Heard heard;
  heard.service.set_answer(answer);
  heard.service.set_detail(detail);
  return heard;
}

inline Heard picked(const std::string& version) {
  return completed("", "", true, version);
}

inline Heard refused() {
  Heard heard = ended(v1::TLS_ANSWER_ALERT, "protocol version");
  heard.refused = true;
  return heard;
}

class ListenerWorld : public ::testing::Test {
 protected:
  ListenerWorld() { *sockets_.add_sockets() = socket_at(443, 41); }

  std::vector<KnownListener> begin() {
    Recalled recalled = recall(sockets_, before_, leave_alone_);
    choose_names(recalled.listeners, certificates_);
    return std::move(recalled.listeners);
  }
  // As the next look finds it.
  void keep(const std::vector<KnownListener>& listeners) { before_ = to_facts(listeners, 0); }

  void use(const std::string& program, const std::vector<std::string>& names) {
    v1::CertificateUse& use = *certificates_.add_uses();
    use.set_program(program);
    use.mutable_server_names()->Assign(names.begin(), names.end());
  }
  static std::vector<std::string> words(const std::vector<Question>& questions) {
    std::vector<std::string> words;
    for (const Question& question : questions) {
      words.push_back(question.is_of_version() ? fmt::format("{}<={}", question.name,
                                                             tls::version_name(question.highest))
                                               : question.name);
    }
    return words;
  }

  v1::SocketFacts sockets_;
  v1::ListenerFacts before_;
  v1::CertificateFacts certificates_;
  LeaveAlone leave_alone_;
};

}  // namespace muster::listeners::test

// A collector that has been taken over: it has the right certificate, and answers every call with
// what is most likely to hurt the agent that believes it. It serves until SIGTERM, and then prints
// how many answers it gave.
//
//   hostile-collector CERTIFICATE KEY CA SEED [ADDRESS...]
//
// prints "port N", and at the end "answers N". It assigns targets at each of the addresses.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/server_credentials.h>
#include <signal.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "muster/v1/identity.pb.h"
#include "muster/v1/reporting.pb.h"
#include "tests/hostile_collector/hostile_targets.h"
#include "tests/hostile_collector/random_messages.h"

namespace muster::hostile {
namespace {

// What a good collector would say, so that the agent goes on to believe the rest.
v1::SyncResponse good_answer(const v1::SyncRequest& request) {
  v1::SyncResponse response;
  response.set_epoch(request.epoch());
  response.set_host("web1");
  for (const v1::SectionVersion& version : request.versions()) {
    v1::CommittedSection& committed = *response.add_committed();
    committed.set_entity(version.entity());
    committed.set_probe(version.probe());
    committed.set_sequence(version.sequence());
  }
  return response;
}

class Answers {
 public:
  Answers(uint64_t seed, std::vector<std::string> aims) : random_(seed), aims_(std::move(aims)) {}

  grpc::Status next(const std::string& method, const std::string& request, std::string& bytes) {
    const std::lock_guard guard(mutex_);
    ++given_;
    if (random_() % 16 == 0) {
      return {static_cast<grpc::StatusCode>(random_() % 20),
              hostile_text(random_, true).substr(0, 4096)};
    }
    bytes = answer(method, request);
    if (random_() % 3 == 0) mutate(bytes, random_);
    return grpc::Status::OK;
  }

  uint64_t given() const { return given_; }

 private:
  std::string answer(const std::string& method, const std::string& request) {
    if (method.ends_with("/Renew")) return random_message<v1::RenewResponse>();
    if (method.ends_with("/GetTrustBundle")) return random_message<v1::GetTrustBundleResponse>();
    v1::SyncRequest asked;
    asked.ParseFromString(request);
    v1::SyncResponse response = good_answer(asked);
    if (random_() % 4 != 0) {
      v1::SyncResponse hostile;
      fill_at_random(hostile, random_);
      random_() % 2 == 0 ? response.MergeFrom(hostile) : response.Swap(&hostile);
    }
    aim(response, aims_, random_);
    return response.SerializeAsString();
  }

  template <typename Message>
  std::string random_message() {
    Message message;
    fill_at_random(message, random_);
    return message.SerializeAsString();
  }

  std::mutex mutex_;
  Random random_;
  const std::vector<std::string> aims_;
  std::atomic<uint64_t> given_ = 0;
};

class Call : public grpc::ServerGenericBidiReactor {
 public:
  Call(Answers& answers, std::string method) : answers_(answers), method_(std::move(method)) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    std::string request;
    if (ok) {
      grpc::Slice slice;
      if (request_.DumpToSingleSlice(&slice).ok()) {
        request.assign(reinterpret_cast<const char*>(slice.begin()), slice.size());
      }
    }
    std::string bytes;
    const grpc::Status status = answers_.next(method_, request, bytes);
    if (!status.ok()) return Finish(status);
    const grpc::Slice slice(bytes);
    answer_ = grpc::ByteBuffer(&slice, 1);
    StartWriteAndFinish(&answer_, grpc::WriteOptions(), grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  Answers& answers_;
  const std::string method_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer answer_;
};

class EveryMethod : public grpc::CallbackGenericService {
 public:
  explicit EveryMethod(Answers& answers) : answers_(answers) {}
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* call) override {
    return new Call(answers_, call->method());
  }

 private:
  Answers& answers_;
};

std::string read_all(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

int serve(char** arguments, std::vector<std::string> aims) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_key_cert_pairs.push_back({read_all(arguments[1]), read_all(arguments[0])});
  tls.pem_root_certs = read_all(arguments[2]);
  Answers answers(std::stoull(arguments[3]), std::move(aims));
  EveryMethod service(answers);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
  builder.RegisterCallbackGenericService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::fprintf(stderr, "cannot listen\n");
    return 1;
  }
  std::printf("port %d\n", port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  std::printf("answers %llu\n", static_cast<unsigned long long>(answers.given()));
  return 0;
}

}  // namespace
}  // namespace muster::hostile

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: hostile-collector CERTIFICATE KEY CA SEED [ADDRESS...]\n");
    return 64;
  }
  return muster::hostile::serve(argv + 1, {argv + 5, argv + argc});
}

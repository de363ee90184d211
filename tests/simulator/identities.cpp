#include "tests/simulator/identities.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <sstream>
#include <thread>
#include <utility>

#include "agent/identity/https_post.h"
#include "agent/identity/identity.h"
#include "agent/identity/pinned_chain.h"
#include "agent/output/status_text.h"
#include "common/files.h"
#include "muster/v1/fleet.pb.h"
#include "tests/simulator/linux_servers.h"

namespace muster::simulator {
namespace {

constexpr size_t kPemLimit = 64 << 10;
constexpr size_t kMemoriesLimit = 64 << 20;
// What the collector's rate limiter lets in at once, collector/http/endpoint_state.cpp.
constexpr size_t kHostsPerSource = 20;
constexpr size_t kSourcesPerNetwork = 250;
constexpr std::string_view kCertificateBegin = "-----BEGIN CERTIFICATE-----";

std::string path_of(const std::string& directory, size_t host) {
  return fmt::format("{}/{:05}.pem", directory, host);
}

std::string ca_path(const std::string& directory) {
  return directory + "/ca.pem";
}

bool is_there(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

absl::StatusOr<v1::EnrolResponse> ask(const EnrolmentOptions& options, size_t host,
                                      const std::string& signing_request) {
  v1::EnrolRequest request;
  request.set_token(options.token);
  request.set_certificate_signing_request(signing_request);
  request.set_hostname(simulated_host_name(host));
  agent::HttpsPost post;
  google::protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(request, &post.body, print).ok()) {
    return absl::InvalidArgumentError("the token is not valid UTF-8");
  }
  post.server = options.collector;
  post.local_address = enrolment_source(options.collector.host, host);
  post.path = "/api/v1/enroll";
  post.check_server = [&options](STACK_OF(X509) * chain) {
    return agent::check_pinned_chain(chain, options.ca_sha256, options.collector.host);
  };
  const absl::StatusOr<agent::HttpsAnswer> answer = agent::post_json(post);
  if (!answer.ok()) return answer.status();
  if (answer->status != 200) {
    return absl::PermissionDeniedError(
        fmt::format("the collector refuses (HTTP {}): {}", answer->status, answer->body));
  }
  v1::EnrolResponse response;
  google::protobuf::util::JsonParseOptions parse;
  parse.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(answer->body, &response, parse).ok()) {
    return absl::InternalError(
        "the collector's answer is not an enrolment: is this its HTTPS port?");
  }
  return response;
}

absl::Status enrol_host(const std::string& directory, size_t host,
                        const EnrolmentOptions& options) {
  const absl::StatusOr<std::string> key = agent::make_key();
  if (!key.ok()) return key.status();
  const absl::StatusOr<std::string> request =
      agent::make_signing_request(*key, simulated_host_name(host));
  if (!request.ok()) return request.status();
  const absl::StatusOr<v1::EnrolResponse> response = ask(options, host, *request);
  if (!response.ok()) return response.status();
  if (absl::Status fits =
          agent::check_identity(*key, response->certificate(), response->ca_certificates());
      !fits.ok()) {
    return fits;
  }
  if (!is_there(ca_path(directory))) {
    absl::Status ca = write_file_atomically(ca_path(directory), response->ca_certificates(), 0644);
    if (!ca.ok()) return ca;
  }
  return write_file_atomically(path_of(directory, host), *key + response->certificate(), 0600);
}

}  // namespace

std::string enrolment_source(const std::string& collector_host, size_t host) {
  if (!collector_host.starts_with("127.")) return {};
  const size_t source = host / kHostsPerSource;
  return fmt::format("127.0.{}.{}", 1 + source / kSourcesPerNetwork,
                     1 + source % kSourcesPerNetwork);
}

size_t missing_identities(const std::string& directory, size_t hosts) {
  size_t missing = 0;
  for (size_t host = 0; host < hosts; ++host) {
    if (!is_there(path_of(directory, host))) ++missing;
  }
  return missing;
}

absl::Status enrol_missing(const std::string& directory, size_t hosts,
                           const EnrolmentOptions& options,
                           const std::function<void(size_t)>& progress) {
  if (absl::Status made = make_directory(directory, 0700); !made.ok()) return made;
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  absl::Status failure;
  size_t done = 0;
  const auto work = [&] {
    for (size_t host = next++; host < hosts; host = next++) {
      if (is_there(path_of(directory, host))) continue;
      const absl::Status enrolled = enrol_host(directory, host, options);
      const std::lock_guard guard(mutex);
      if (!enrolled.ok() && failure.ok()) {
        failure =
            agent::while_doing(fmt::format("enrolling {}", simulated_host_name(host)), enrolled);
      }
      if (!failure.ok()) return;
      progress(++done);
    }
  };
  {
    std::vector<std::jthread> workers;
    for (size_t i = 0; i < options.at_once; ++i)
      workers.emplace_back(work);
  }
  return failure;
}

absl::StatusOr<std::vector<Identity>> read_identities(const std::string& directory, size_t hosts) {
  absl::StatusOr<std::string> ca = read_file(ca_path(directory), kPemLimit);
  if (!ca.ok()) return ca.status();
  const auto shared_ca = std::make_shared<const std::string>(*std::move(ca));
  std::vector<Identity> identities;
  for (size_t host = 0; host < hosts; ++host) {
    const std::string path = path_of(directory, host);
    const absl::StatusOr<std::string> pem = read_file(path, kPemLimit);
    if (!pem.ok()) return pem.status();
    const size_t begin = pem->find(kCertificateBegin);
    if (begin == std::string::npos) {
      return absl::DataLossError(fmt::format("{} has no certificate: remove it", path));
    }
    identities.push_back(
        {.key = pem->substr(0, begin), .certificate = pem->substr(begin), .ca = shared_ca});
  }
  return identities;
}

std::string format_memories(const std::vector<AgentMemory>& memories) {
  std::string text;
  for (const AgentMemory& memory : memories) {
    text += fmt::format("{}", memory.epoch);
    for (const AgentMemory::Probe& probe : memory.probes)
      text += fmt::format(" {} {}", probe.sequence, probe.acknowledged);
    text += '\n';
  }
  return text;
}

absl::StatusOr<std::vector<AgentMemory>> parse_memories(const std::string& text, size_t hosts,
                                                        size_t probes) {
  std::vector<AgentMemory> memories;
  std::istringstream lines(text);
  std::string line;
  while (memories.size() < hosts && std::getline(lines, line)) {
    AgentMemory memory;
    memory.probes.resize(probes);
    std::istringstream fields(line);
    fields >> memory.epoch;
    for (AgentMemory::Probe& probe : memory.probes)
      fields >> probe.sequence >> probe.acknowledged;
    std::string rest;
    if (!fields || memory.epoch == 0 || fields >> rest) {
      return absl::DataLossError(fmt::format(
          "line {} is not an agent with {} probes: remove the file, and the agents begin anew",
          memories.size() + 1, probes));
    }
    memories.push_back(std::move(memory));
  }
  // More hosts than the last time: the others are new.
  memories.resize(hosts);
  return memories;
}

absl::StatusOr<std::vector<AgentMemory>> read_memories(const std::string& directory, size_t hosts,
                                                       size_t probes) {
  const std::string path = directory + "/agents.txt";
  const absl::StatusOr<std::string> text = read_file(path, kMemoriesLimit);
  if (absl::IsNotFound(text.status())) return std::vector<AgentMemory>(hosts);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::vector<AgentMemory>> memories = parse_memories(*text, hosts, probes);
  if (!memories.ok()) return agent::while_doing(path, memories.status());
  return memories;
}

absl::Status write_memories(const std::string& directory,
                            const std::vector<AgentMemory>& memories) {
  return write_file_atomically(directory + "/agents.txt", format_memories(memories), 0600);
}

}  // namespace muster::simulator

// What the calendar of everything that ends costs with a large fleet:
//
//   expiry_cost [HOSTS [CERTIFICATES]]     100,000 hosts with 20 certificates each, if nothing is
//   said
//
// A quarter of the certificates end within 90 days, and each is on one host alone, which is the
// worst case: nothing is one entry with others.
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <sys/resource.h>
#include <time.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "collector/expiry/expiry_calendar.h"
#include "collector/expiry/expiry_csv.h"
#include "collector/expiry/icalendar.h"
#include "common/timestamp.h"
#include "muster/v1/certificate_facts.pb.h"

namespace muster::collector {
namespace {

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double peak_mebibytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

SectionState section_of_host(size_t host, size_t certificates) {
  v1::CertificateFacts facts;
  for (size_t i = 0; i < certificates; ++i) {
    v1::CertificateFile& file = *facts.add_files();
    file.set_path(fmt::format("/etc/ssl/sites/shop-{}.example.org/fullchain.pem", i));
    v1::Certificate& certificate = *file.add_certificates();
    certificate.set_common_name(fmt::format("shop-{}.host-{}.example.org", i, host));
    certificate.set_subject("CN=" + certificate.common_name());
    certificate.set_issuer("CN=Example Issuing CA 2,O=Example,C=DE");
    certificate.set_sha256(fmt::format("{:032}{:032}", host, i));
    const auto days = std::chrono::days((host * 31 + i * 7) % 360);
    *certificate.mutable_not_before() = to_proto(kNow - std::chrono::days(10));
    *certificate.mutable_not_after() = to_proto(kNow + days);
  }
  SectionState section;
  section.probe = "certificates";
  section.outcome = v1::OUTCOME_OBSERVED;
  section.observed_at = kNow;
  section.facts_type = facts.GetTypeName();
  section.facts = facts.SerializeAsString();
  return section;
}

int run(size_t hosts, size_t certificates) {
  const Labels labels{{"role", "web"}, {"site", "fra"}};
  ExpiryCalendar calendar({.now = kNow, .until = kNow + kUsualWithin});
  const double before = peak_mebibytes();
  double walked = 0;
  for (size_t host = 0; host < hosts; ++host) {
    const std::string name = fmt::format("host-{:06}.example.org", host);
    const std::vector<SectionState> sections{section_of_host(host, certificates)};
    const double start = cpu_seconds();
    calendar.add(
        {.name = name, .kind = "host", .labels = labels, .owner = "", .sections = sections});
    walked += cpu_seconds() - start;
  }
  const v1::ExpiryList list = calendar.take();
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  const double begun = cpu_seconds();
  (void)google::protobuf::util::MessageToJsonString(list, &json, options);
  fmt::print(
      "{} hosts, {} certificates each: {:.2f} s CPU to go through them; {} entries and {} omitted: "
      "{:.2f} s to write {:.1f} MiB of JSON, {:.1f} MiB of iCalendar, {:.1f} MiB of CSV\n",
      hosts, certificates, walked, list.entries_size(), list.omitted(), cpu_seconds() - begun,
      static_cast<double>(json.size()) / 1048576,
      static_cast<double>(to_icalendar(list).size()) / 1048576,
      static_cast<double>(to_expiry_csv(list).size()) / 1048576);
  fmt::print("peak memory: {:.0f} MiB before, {:.0f} MiB after\n", before, peak_mebibytes());
  return static_cast<size_t>(list.entries_size()) == kMostOfAKind ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace muster::collector

int main(int argc, char** argv) {
  constexpr size_t kHosts = 100'000;
  constexpr size_t kCertificates = 20;
  return muster::collector::run(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : kHosts,
                                argc > 2 ? std::strtoul(argv[2], nullptr, 10) : kCertificates);
}

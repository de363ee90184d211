#include "agent/probes/certificates/certificate_collection.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/probes/certificates/key_pairing.h"

namespace muster {
namespace {

// The tag and the size that stand before a file in the facts.
constexpr size_t kFraming = 6;

constexpr auto kByPath = [](const auto& left, const auto& right) {
  return left.path() < right.path();
};

}  // namespace

void CertificateCollection::add_file(v1::CertificateFile file) {
  const size_t size = file.ByteSizeLong() + kFraming;
  if (static_cast<size_t>(facts_.files_size()) >= limits_.files || bytes_ + size > limits_.bytes) {
    if (facts_.files_omitted() == 0) first_omitted_ = file.path();
    facts_.set_files_omitted(facts_.files_omitted() + 1);
    return;
  }
  bytes_ += size;
  *facts_.add_files() = std::move(file);
}

void CertificateCollection::add_key(v1::KeyFile key) {
  const size_t size = key.ByteSizeLong() + kFraming;
  if (static_cast<size_t>(facts_.keys_size()) >= limits_.keys || bytes_ + size > limits_.bytes) {
    if (keys_omitted_++ == 0) first_omitted_key_ = key.path();
    return;
  }
  bytes_ += size;
  *facts_.add_keys() = std::move(key);
}

void CertificateCollection::add_problem(v1::CertificateFile problem) {
  if (static_cast<size_t>(facts_.unreadable_directories_size()) >= limits_.problems) {
    ++problems_omitted_;
    return;
  }
  *facts_.add_unreadable_directories() = std::move(problem);
}

void CertificateCollection::add_uses(const v1::CertificateFacts& configured) {
  facts_.mutable_uses()->MergeFrom(configured.uses());
  facts_.mutable_unread_configurations()->MergeFrom(configured.unread_configurations());
}

v1::CertificateFacts CertificateCollection::finish() {
  auto& problems = *facts_.mutable_unreadable_directories();
  std::stable_sort(facts_.mutable_files()->begin(), facts_.mutable_files()->end(), kByPath);
  std::stable_sort(facts_.mutable_keys()->begin(), facts_.mutable_keys()->end(), kByPath);
  std::stable_sort(problems.begin(), problems.end(), kByPath);
  if (problems_omitted_ > 0) {
    std::string& error = *problems.rbegin()->mutable_error();
    error += fmt::format(" (and {} more like this)", problems_omitted_);
  }
  if (facts_.files_omitted() > 0) {
    v1::CertificateFile& problem = *problems.Add();
    problem.set_path(first_omitted_);
    problem.set_error(fmt::format(
        "left out, {} in all: one report holds {} files and {} KiB; name fewer places in the "
        "setting paths",
        facts_.files_omitted(), limits_.files, limits_.bytes / 1024));
  }
  if (keys_omitted_ > 0) {
    v1::CertificateFile& problem = *problems.Add();
    problem.set_path(first_omitted_key_);
    problem.set_error(fmt::format("left out, {} keys in all: one report holds {} keys and {} KiB",
                                  keys_omitted_, limits_.keys, limits_.bytes / 1024));
  }
  pair_keys(facts_);
  return std::move(facts_);
}

}  // namespace muster

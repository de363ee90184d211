#include "agent/output/product_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "muster/v1/protection_facts.pb.h"

namespace muster::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <typename Facts>
SectionState section_of(const v1::ProtectionProduct& product) {
  Facts facts;
  *facts.add_products() = product;
  SectionState section;
  section.facts_type = facts.GetTypeName();
  section.facts = facts.SerializeAsString();
  return section;
}

v1::ProtectionProduct clamav() {
  v1::ProtectionProduct product;
  product.set_product("clamav");
  product.set_name("ClamAV");
  return product;
}

void unread(v1::ProtectionProduct& product, const std::string& fact, const std::string& reason) {
  v1::UnreadFact& unread = *product.add_unread();
  unread.set_fact(fact);
  unread.set_reason(reason);
}

std::vector<std::string> notes_of(const v1::ProtectionProduct& product,
                                  const std::vector<v1::Verdict>& verdicts = {}) {
  return product_notes(std::vector{section_of<v1::AntivirusFacts>(product)}, verdicts);
}

TEST(ProductNotes, AreOfWhatAProductComplainsOfAndWhatCouldNotBeRead) {
  v1::ProtectionProduct product = clamav();
  EXPECT_THAT(notes_of(product), IsEmpty());
  product.add_complaints("there are no signatures: run freshclam");
  product.add_complaints("freshclam: Your installation is OUTDATED");
  unread(product, "last_update_tried_at", "freshclam.log: Permission denied");
  unread(product, "version", "no program of it was found");
  unread(product, "last_update_succeeded_at", "freshclam.log: Permission denied");
  EXPECT_THAT(notes_of(product),
              ElementsAre("ClamAV says: there are no signatures: run freshclam; freshclam: Your "
                          "installation is OUTDATED.",
                          "Of ClamAV could not be read: last update tried, last update succeeded "
                          "(freshclam.log: Permission denied); version (no program of it was "
                          "found)."));
}

TEST(ProductNotes, AreOfBothKindsOfProducts) {
  v1::ProtectionProduct product;
  product.set_product("auditd");
  product.add_complaints("events beyond 10 a second are dropped");
  EXPECT_THAT(product_notes(std::vector{section_of<v1::IntrusionDetectionFacts>(product)}, {}),
              ElementsAre("auditd says: events beyond 10 a second are dropped."));
}

TEST(ProductNotes, LeaveOutWhatAVerdictSays) {
  v1::ProtectionProduct product = clamav();
  product.add_complaints("clamd hung");
  unread(product, "full_scan", "b.log is root's");
  v1::Verdict verdict;
  verdict.set_summary("ClamAV: loaded signatures could not be read: clamd hung");
  verdict.add_subjects()->set_reason(
      "ClamAV: its last full scan could not be read: b.log is root's");
  EXPECT_THAT(notes_of(product, {verdict}), IsEmpty());
}

TEST(ProductNotes, AreAFewOfMany) {
  v1::ProtectionProduct product = clamav();
  for (int i = 0; i < 20; ++i) {
    product.add_complaints("complaint " + std::to_string(i));
    unread(product, "version", "reason " + std::to_string(i));
  }
  const std::vector<std::string> notes = notes_of(product);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("complaint 5; and 14 more."),
                                 HasSubstr("version (reason 5); and more.")));
}

}  // namespace
}  // namespace muster::agent

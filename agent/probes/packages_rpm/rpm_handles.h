// Who frees what of librpm. For the files that link it.
#pragma once

#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmds.h>
#include <rpm/rpmtd.h>
#include <rpm/rpmts.h>

#include <memory>
#include <string>

namespace muster::packages_rpm {

struct FreeTransactionSet {
  void operator()(rpmts set) const { ::rpmtsFree(set); }
};
using TransactionSet = std::unique_ptr<rpmts_s, FreeTransactionSet>;
struct FreeIterator {
  void operator()(rpmdbMatchIterator iterator) const { ::rpmdbFreeIterator(iterator); }
};
using MatchIterator = std::unique_ptr<rpmdbMatchIterator_s, FreeIterator>;
struct FreeIndexIterator {
  void operator()(rpmdbIndexIterator iterator) const { ::rpmdbIndexIteratorFree(iterator); }
};
using IndexIterator = std::unique_ptr<rpmdbIndexIterator_s, FreeIndexIterator>;

struct FreeDependencies {
  void operator()(rpmds dependencies) const { ::rpmdsFree(dependencies); }
};
using Dependencies = std::unique_ptr<rpmds_s, FreeDependencies>;
struct FreeTagData {
  void operator()(rpmtd data) const { ::rpmtdFree(data); }
};
using TagData = std::unique_ptr<rpmtd_s, FreeTagData>;

// Empty where the header has no such text.
inline std::string header_text(Header header, rpmTagVal tag) {
  const char* text = ::headerGetString(header, tag);
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace muster::packages_rpm

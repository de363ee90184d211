#include "agent/probes/certificates/encryption_rounds.h"

#include <openssl/err.h>

#include <memory>

#include "common/openssl.h"

namespace muster {
namespace {

// So that products of three of them are no overflow.
constexpr uint64_t kMostOfANumber = uint64_t{1} << 20;

using Pbe2Ptr = std::unique_ptr<PBE2PARAM, OpensslDeleter<PBE2PARAM_free>>;
using PbePtr = std::unique_ptr<PBEPARAM, OpensslDeleter<PBEPARAM_free>>;
using Pbkdf2Ptr = std::unique_ptr<PBKDF2PARAM, OpensslDeleter<PBKDF2PARAM_free>>;
using ScryptPtr = std::unique_ptr<SCRYPT_PARAMS, OpensslDeleter<SCRYPT_PARAMS_free>>;

template <typename Owner>
Owner unpacked(const ASN1_ITEM* item, ASN1_TYPE* parameter) {
  return Owner(
      static_cast<typename Owner::element_type*>(ASN1_TYPE_unpack_sequence(item, parameter)));
}

std::optional<uint64_t> number_of(const ASN1_INTEGER* number) {
  uint64_t value = 0;
  if (number == nullptr || ASN1_INTEGER_get_uint64(&value, number) != 1) return std::nullopt;
  return value;
}

// One round of scrypt and one of PBKDF2 take about as long.
std::optional<uint64_t> scrypt_rounds(const SCRYPT_PARAMS& parameters) {
  const std::optional<uint64_t> cost = number_of(parameters.costParameter);
  const std::optional<uint64_t> block = number_of(parameters.blockSize);
  const std::optional<uint64_t> parallel = number_of(parameters.parallelizationParameter);
  for (const std::optional<uint64_t>& factor : {cost, block, parallel}) {
    if (!factor.has_value() || *factor > kMostOfANumber) return std::nullopt;
  }
  return *cost * *block * *parallel;
}

std::optional<uint64_t> derivation_rounds(const X509_ALGOR* function) {
  if (function == nullptr || function->parameter == nullptr) return std::nullopt;
  switch (OBJ_obj2nid(function->algorithm)) {
    case NID_id_pbkdf2: {
      const auto parameters = unpacked<Pbkdf2Ptr>(ASN1_ITEM_rptr(PBKDF2PARAM), function->parameter);
      return parameters == nullptr ? std::nullopt : rounds_of(parameters->iter);
    }
    case NID_id_scrypt: {
      const auto parameters =
          unpacked<ScryptPtr>(ASN1_ITEM_rptr(SCRYPT_PARAMS), function->parameter);
      return parameters == nullptr ? std::nullopt : scrypt_rounds(*parameters);
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<uint64_t> rounds_of(const ASN1_INTEGER* rounds) {
  return rounds == nullptr ? std::optional<uint64_t>(1) : number_of(rounds);
}

std::optional<uint64_t> encryption_rounds(const X509_ALGOR* algorithm) {
  if (algorithm == nullptr || algorithm->parameter == nullptr) return std::nullopt;
  std::optional<uint64_t> rounds;
  const int kind = OBJ_obj2nid(algorithm->algorithm);
  // RFC 8018, A.4 and A.5: both have a key derivation, and then what its key is for.
  if (kind == NID_pbes2 || kind == NID_pbmac1) {
    const auto parameters = unpacked<Pbe2Ptr>(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
    if (parameters != nullptr) rounds = derivation_rounds(parameters->keyfunc);
  } else {
    const auto parameters = unpacked<PbePtr>(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
    if (parameters != nullptr) rounds = rounds_of(parameters->iter);
  }
  ERR_clear_error();
  return rounds;
}

}  // namespace muster

#include "tests/agent/probes/packages_apt/signing_key.h"

#include <gtest/gtest.h>
#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include <cstdlib>
#include <limits>

namespace muster::test {
namespace {

// Without keys there is no test.
void must(rnp_result_t result, int line = __builtin_LINE()) {
  if (result == RNP_SUCCESS) return;
  ADD_FAILURE() << "librnp, at line " << line << ": " << rnp_result_to_string(result);
  std::abort();
}

template <typename T, auto kDestroy>
struct Destroy {
  void operator()(T* handle) const { kDestroy(handle); }
};
using Ffi = std::unique_ptr<rnp_ffi_st, Destroy<rnp_ffi_st, rnp_ffi_destroy>>;
using Key = std::unique_ptr<rnp_key_handle_st, Destroy<rnp_key_handle_st, rnp_key_handle_destroy>>;
using Input = std::unique_ptr<rnp_input_st, Destroy<rnp_input_st, rnp_input_destroy>>;
using Output = std::unique_ptr<rnp_output_st, Destroy<rnp_output_st, rnp_output_destroy>>;

Ffi make_ffi() {
  rnp_ffi_t ffi = nullptr;
  must(rnp_ffi_create(&ffi, "GPG", "GPG"));
  return Ffi(ffi);
}

Input input_of(const std::string& text) {
  rnp_input_t input = nullptr;
  must(rnp_input_from_memory(&input, reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                             true));
  return Input(input);
}

Output make_output() {
  rnp_output_t output = nullptr;
  must(rnp_output_to_memory(&output, 0));
  return Output(output);
}

std::string text_of(const Output& output) {
  uint8_t* bytes = nullptr;
  size_t size = 0;
  must(rnp_output_memory_get_buf(output.get(), &bytes, &size, false));
  return {reinterpret_cast<const char*>(bytes), size};
}

std::string fingerprint_of(const Key& key) {
  char* text = nullptr;
  must(rnp_key_get_fprint(key.get(), &text));
  std::string fingerprint = text;
  rnp_buffer_destroy(text);
  return fingerprint;
}

// Takes the operation that `create` made to its end.
Key generate(rnp_op_generate_t op, const char* usage, uint32_t lasts) {
  must(rnp_op_generate_add_usage(op, usage));
  must(rnp_op_generate_set_expiration(op, lasts));
  must(rnp_op_generate_execute(op));
  rnp_key_handle_t key = nullptr;
  must(rnp_op_generate_get_key(op, &key));
  rnp_op_generate_destroy(op);
  return Key(key);
}

}  // namespace

struct SigningKey::Handles {
  Ffi ffi = make_ffi();
  Key primary;
  Key subkey;

  const Key& signer() const { return subkey ? subkey : primary; }

  std::string exported(uint32_t flags) const {
    const Output output = make_output();
    must(rnp_key_export(primary.get(), output.get(),
                        flags | RNP_KEY_EXPORT_PUBLIC | RNP_KEY_EXPORT_SUBKEYS));
    return text_of(output);
  }

  void sign(rnp_op_sign_t op) const {
    must(rnp_op_sign_set_hash(op, "SHA512"));
    must(rnp_op_sign_add_signature(op, signer().get(), nullptr));
    must(rnp_op_sign_execute(op));
    must(rnp_op_sign_destroy(op));
  }
};

SigningKey::SigningKey(const Options& options) : handles_(std::make_unique<Handles>()) {
  must(rnp_set_timestamp(handles_->ffi.get(), options.made_at));
  rnp_op_generate_t op = nullptr;
  must(rnp_op_generate_create(&op, handles_->ffi.get(), "EDDSA"));
  must(rnp_op_generate_set_userid(op, options.user_id.c_str()));
  handles_->primary = generate(op, options.with_subkey ? "certify" : "sign", options.lasts);
  if (!options.with_subkey) return;
  must(rnp_op_generate_subkey_create(&op, handles_->ffi.get(), handles_->primary.get(), "EDDSA"));
  handles_->subkey = generate(op, "sign", options.subkey_lasts);
}

SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;

std::string SigningKey::fingerprint() const {
  return fingerprint_of(handles_->signer());
}

std::string SigningKey::primary_fingerprint() const {
  return fingerprint_of(handles_->primary);
}

std::string SigningKey::armored() const {
  std::string text = handles_->exported(RNP_KEY_EXPORT_ARMORED);
  std::erase(text, '\r');
  return text;
}

std::string SigningKey::binary() const {
  return handles_->exported(0);
}

void SigningKey::extend(uint32_t lasts) {
  must(rnp_key_set_expiration(handles_->primary.get(), lasts));
}

void SigningKey::revoke() {
  must(rnp_key_revoke(handles_->primary.get(), 0, "SHA256", "retired", "a test"));
}

std::string SigningKey::signed_inline(const std::string& text) const {
  const Input input = input_of(text);
  const Output output = make_output();
  rnp_op_sign_t op = nullptr;
  must(rnp_op_sign_cleartext_create(&op, handles_->ffi.get(), input.get(), output.get()));
  handles_->sign(op);
  return text_of(output);
}

std::string SigningKey::detached_signature(const std::string& text) const {
  const Input input = input_of(text);
  const Output output = make_output();
  rnp_op_sign_t op = nullptr;
  must(rnp_op_sign_detached_create(&op, handles_->ffi.get(), input.get(), output.get()));
  must(rnp_op_sign_set_armor(op, true));
  handles_->sign(op);
  return text_of(output);
}

std::vector<RnpKey> keys_as_rnp_reads_them(const std::string& keyring) {
  const Ffi ffi = make_ffi();
  const Input input = input_of(keyring);
  must(rnp_import_keys(ffi.get(), input.get(), RNP_LOAD_SAVE_PUBLIC_KEYS, nullptr));
  std::vector<RnpKey> keys;
  rnp_identifier_iterator_t iterator = nullptr;
  must(rnp_identifier_iterator_create(ffi.get(), &iterator, "fingerprint"));
  const char* fingerprint = nullptr;
  while (rnp_identifier_iterator_next(iterator, &fingerprint) == RNP_SUCCESS &&
         fingerprint != nullptr) {
    rnp_key_handle_t handle = nullptr;
    must(rnp_locate_key(ffi.get(), "fingerprint", fingerprint, &handle));
    const Key key(handle);
    RnpKey& read = keys.emplace_back();
    read.fingerprint = fingerprint;
    must(rnp_key_is_revoked(handle, &read.is_revoked));
    uint64_t till = 0;
    must(rnp_key_valid_till64(handle, &till));
    if (till != std::numeric_limits<uint64_t>::max()) read.ends_at = till;
    // Of a subkey of a revoked key it says only that it was never valid.
    read.is_revoked = read.is_revoked || till == 0;
  }
  rnp_identifier_iterator_destroy(iterator);
  return keys;
}

}  // namespace muster::test

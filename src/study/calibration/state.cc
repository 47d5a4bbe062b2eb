// The state of a calibration as bytes: a magic word, the fingerprint, the numbers in the order of
// the structures, and a hash of all that at the end. Bytes are those of the machine: the file is
// for going on where the work was stopped, not for keeping.

#include <cstring>
#include <optional>
#include <string_view>

#include "base/hash.h"
#include "study/calibration/calibration.h"

namespace headrace::study {
namespace {

constexpr uint64_t kMagic = 0x33747274'61726c63;

class Writer {
 public:
  std::string bytes;

  template <class T>
  requires std::is_arithmetic_v<T>
  void operator()(const T& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  template <class T>
  void operator()(const std::vector<T>& values) {
    (*this)(static_cast<uint64_t>(values.size()));
    for (const T& value : values) (*this)(value);
  }
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool fine() const { return fine_ && bytes_.empty(); }

  template <class T>
  requires std::is_arithmetic_v<T>
  void operator()(T& value) {
    if (bytes_.size() < sizeof value) {
      fine_ = false;
      return;
    }
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
  }
  template <class T>
  void operator()(std::vector<T>& values) {
    uint64_t size = 0;
    (*this)(size);
    if (size > bytes_.size()) fine_ = false;  // each takes a byte at least
    for (uint64_t i = 0; fine_ && i < size; ++i) (*this)(values.emplace_back());
  }

 private:
  std::string_view bytes_;
  bool fine_ = true;
};

template <class Archive, class State>
void visit(Archive& archive, State& state) {
  auto& smc = state.smc;
  archive(smc.population.z), archive(smc.population.likelihood);
  archive(smc.temper), archive(smc.log_evidence);
  archive(smc.subspace.basis), archive(smc.stage), archive(smc.steps), archive(smc.evaluations),
      archive(smc.started);
  auto& chains = state.chains;
  archive(chains.chains.z), archive(chains.chains.likelihood);
  archive(chains.steps), archive(chains.accepted), archive(chains.evaluations);
  archive(chains.thin), archive(chains.kept), archive(chains.started);
}

}  // namespace

std::string to_bytes(const CalibrationState& state, uint64_t fingerprint) {
  Writer writer;
  writer(kMagic), writer(fingerprint);
  visit(writer, state);
  writer(base::hash(writer.bytes));
  return std::move(writer.bytes);
}

std::optional<CalibrationState> from_bytes(std::string_view bytes, uint64_t fingerprint) {
  uint64_t hash = 0, magic = 0, found = 0;
  if (bytes.size() < 3 * sizeof hash) return std::nullopt;
  const std::string_view body = bytes.substr(0, bytes.size() - sizeof hash);
  std::memcpy(&hash, bytes.data() + body.size(), sizeof hash);
  if (base::hash(body) != hash) return std::nullopt;
  Reader reader(body);
  reader(magic), reader(found);
  if (magic != kMagic || found != fingerprint) return std::nullopt;
  CalibrationState state;
  visit(reader, state);
  if (!reader.fine()) return std::nullopt;
  return state;
}

}  // namespace headrace::study

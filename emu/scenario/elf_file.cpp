#include "emu/scenario/elf_file.hpp"

#include <fmt/format.h>
#include <gelf.h>

#include <bit>
#include <fstream>
#include <system_error>
#include <utility>

#include "emu/scenario/input_error.hpp"

namespace trapline::scenario {
namespace {

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{1} << 30;

std::vector<char> read_all(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found)
    throw InputError({path.string()}, "no such file");
  if (status.type() != std::filesystem::file_type::regular) throw InputError({path.string()}, "not a file");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) throw InputError({path.string()}, error.message());
  if (size > kMaxBytes) throw InputError({path.string()}, "longer than 1 GiB");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw InputError({path.string()}, "cannot be opened");
  std::vector<char> bytes(static_cast<std::size_t>(size));
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  return bytes;
}

}  // namespace

ElfFile::ElfFile(const std::filesystem::path& path) : ElfFile(read_all(path), path.string()) {}

ElfFile::ElfFile(std::vector<char> bytes, const std::string& name) : bytes_(std::move(bytes)) {
  elf_version(EV_CURRENT);
  elf_.reset(elf_memory(bytes_.data(), bytes_.size()));
  if (!elf_ || elf_kind(elf_.get()) != ELF_K_ELF) throw InputError({name}, "not an ELF file");
  GElf_Ehdr header;
  if (gelf_getclass(elf_.get()) != ELFCLASS64 || !gelf_getehdr(elf_.get(), &header)) {
    throw InputError({name}, "not a 64-bit ELF file");
  }
}

std::optional<isa::Isa> ElfFile::isa() const {
  GElf_Ehdr header;
  if (!gelf_getehdr(elf_.get(), &header)) return std::nullopt;
  const bool little = header.e_ident[EI_DATA] == ELFDATA2LSB;
  return isa::from_elf(header.e_machine, little ? std::endian::little : std::endian::big);
}

std::optional<std::string> ElfFile::why_not_program(isa::Isa wanted) const {
  const auto found = isa();
  if (!found) return "is for neither x86-64 nor big-endian PPC64";
  if (*found != wanted) return fmt::format("is for {}, not {}", isa::name(*found), isa::name(wanted));
  GElf_Ehdr header;
  std::size_t segments = 0;
  if (!gelf_getehdr(elf_.get(), &header) || elf_getphdrnum(elf_.get(), &segments) != 0) return "is damaged";
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) return "is no linked program";
  bool loadable = false;
  for (std::size_t i = 0; i < segments; ++i) {
    GElf_Phdr segment;
    if (!gelf_getphdr(elf_.get(), static_cast<int>(i), &segment)) return "is damaged";
    loadable = loadable || segment.p_type == PT_LOAD;
  }
  if (!loadable) return "has nothing to load";
  return std::nullopt;
}

}  // namespace trapline::scenario

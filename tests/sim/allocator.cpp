// Memory for vmferry-sim. A story takes and gives back tens of thousands of small blocks; lists of free
// blocks by size serve them several times faster than malloc(), and two fifths of all time went there.
// Left out under sanitizers, which must see each block.

#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

/// In front of each block; as large as the strictest alignment, so that the block keeps it.
struct alignas(std::max_align_t) Header {
    size_t units;  ///< Size in headers, this one included.
    Header* next;  ///< While it is free.
};

constexpr size_t k_most_units = 64;  // Larger blocks are malloc()'s.

/// A block freed by another thread serves that one from then on. Never given back.
thread_local constinit std::array<Header*, k_most_units + 1> t_free{};

void* take(size_t size) noexcept
{
    const size_t units = (size + 2 * sizeof(Header) - 1) / sizeof(Header);
    Header* block = nullptr;
    if (units <= k_most_units && t_free[units] != nullptr) {
        block = t_free[units];
        t_free[units] = block->next;
    } else {
        block = static_cast<Header*>(std::malloc(units * sizeof(Header)));
        if (block == nullptr) {
            return nullptr;
        }
        block->units = units;
    }
    return block + 1;
}

void give_back(void* memory) noexcept
{
    if (memory == nullptr) {
        return;
    }
    Header* block = static_cast<Header*>(memory) - 1;
    if (block->units > k_most_units) {
        std::free(block);
        return;
    }
    block->next = t_free[block->units];
    t_free[block->units] = block;
}

}  // namespace

void* operator new(size_t size)
{
    void* memory = take(size);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, size_t /*size*/) noexcept { give_back(memory); }

#endif

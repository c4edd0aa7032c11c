// Owning aliases for libvirt's objects. A handle keeps its connection's memory alive inside libvirt,
// but says nothing about whether the peer still answers.

#pragma once

#include <libvirt/libvirt.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "core/base/handle.hpp"

namespace vmferry::libvirt {

using DomainHandle = Handle<virDomain, virDomainFree>;
using PoolHandle = Handle<virStoragePool, virStoragePoolFree>;
using VolumeHandle = Handle<virStorageVol, virStorageVolFree>;
using StreamHandle = Handle<virStream, virStreamFree>;
using NetworkHandle = Handle<virNetwork, virNetworkFree>;
using InterfaceHandle = Handle<virInterface, virInterfaceFree>;
using FilterHandle = Handle<virNWFilter, virNWFilterFree>;
using DeviceHandle = Handle<virNodeDevice, virNodeDeviceFree>;
using SnapshotHandle = Handle<virDomainSnapshot, virDomainSnapshotFree>;
using CheckpointHandle = Handle<virDomainCheckpoint, virDomainCheckpointFree>;

/// Takes over a string that libvirt allocated; empty for NULL.
[[nodiscard]] inline std::string take_string(char* text)
{
    const std::string copy = text == nullptr ? "" : text;
    std::free(text);
    return copy;
}

/// Takes over a list that libvirt allocated: `count` objects and the array itself.
template <typename HandleType, typename T>
[[nodiscard]] std::vector<HandleType> take_list(T** objects, int count)
{
    std::vector<HandleType> all;
    for (int i = 0; i < count; ++i) {
        all.emplace_back(objects[i]);
    }
    std::free(objects);
    return all;
}

/// An array of typed parameters, freed at the end of its life.
class TypedParameters {
public:
    TypedParameters() = default;
    TypedParameters(const TypedParameters&) = delete;
    TypedParameters& operator=(const TypedParameters&) = delete;
    ~TypedParameters() { virTypedParamsFree(m_data, m_count); }

    /// False when memory is short.
    [[nodiscard]] bool add(const char* name, const std::string& value)
    {
        return virTypedParamsAddString(&m_data, &m_count, &m_capacity, name, value.c_str()) == 0;
    }
    [[nodiscard]] bool add(const char* name, uint64_t value)
    {
        return virTypedParamsAddULLong(&m_data, &m_count, &m_capacity, name, value) == 0;
    }
    [[nodiscard]] bool add(const char* name, int value)
    {
        return virTypedParamsAddInt(&m_data, &m_count, &m_capacity, name, value) == 0;
    }
    /// 0 when the parameter is absent.
    [[nodiscard]] int number(const char* name) const
    {
        int value = 0;
        return virTypedParamsGetInt(m_data, m_count, name, &value) == 1 ? value : 0;
    }
    /// 0 when the parameter is absent.
    [[nodiscard]] uint64_t natural(const char* name) const
    {
        unsigned long long value = 0;
        return virTypedParamsGetULLong(m_data, m_count, name, &value) == 1 ? value : 0;
    }
    [[nodiscard]] bool has(const char* name) const { return virTypedParamsGet(m_data, m_count, name) != nullptr; }
    [[nodiscard]] virTypedParameterPtr data() const { return m_data; }
    [[nodiscard]] unsigned count() const { return static_cast<unsigned>(m_count); }
    /// For functions that fill an array of their own: once, on an empty one.
    [[nodiscard]] virTypedParameterPtr* out() { return &m_data; }
    [[nodiscard]] int* out_count() { return &m_count; }

private:
    virTypedParameterPtr m_data = nullptr;
    int m_count = 0;
    int m_capacity = 0;
};

}  // namespace vmferry::libvirt

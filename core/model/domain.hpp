// A VM as its definition and its daemon describe it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/uuid.hpp"
#include "core/model/observation.hpp"

namespace vmferry::model {

enum class DiskKind { file, block, directory, network, volume, other };

struct Disk {
    std::string target;  ///< "vda".
    std::string device;  ///< "disk", "cdrom", "floppy", "lun".
    DiskKind kind = DiskKind::other;
    std::string source;  ///< Path, "pool/volume", or "protocol://host:port/name". Empty: no medium.
    std::string format;  ///< "raw", "qcow2".
    std::string cache;   ///< Driver cache mode; empty: hypervisor's default.
    bool read_only = false;
    bool shareable = false;
    bool transient = false;
    bool encrypted = false;
    std::string protocol;        ///< Of a network disk: "iscsi", "rbd", "nbd", "gluster".
    std::string backing;         ///< Path of the first backing image; empty: none.
    std::string backing_format;  ///< Of it, where the definition tells.
    std::string startup_policy;  ///< Of removable media: "mandatory", "requisite", "optional".
};

enum class NicKind { bridge, network, direct, user, vhostuser, hostdev, ethernet, vdpa, other };

struct Nic {
    std::string mac;
    NicKind kind = NicKind::other;
    std::string source;  ///< Bridge, network or device name.
    std::string filter;  ///< nwfilter name, if any.
    std::string model;
};

/// A device that decides whether a VM can move: pass-through, shared file systems, shmem, TPM.
struct Device {
    std::string kind;    ///< Element name: "hostdev", "filesystem", "shmem", "tpm", "redirdev".
    std::string detail;  ///< "pci", "usb", "mdev", "virtiofs", "emulator 2.0", ...
    std::string source;
};

/// Parsed from the live definition (inactive for a VM that is off).
struct DomainFacts {
    Uuid uuid;
    std::string name;
    std::string virt_type;  ///< "kvm", "qemu".
    std::string arch;
    std::string machine;  ///< Versioned: "pc-q35-7.2".
    std::string emulator;
    std::string
        cpu_xml;  ///< <cpu> of the migratable live definition; of the host where it is passed through. May be empty.
    std::string cpu_mode;              ///< "custom", "host-model", "host-passthrough", "maximum" or empty.
    uint64_t memory_bytes = 0;         ///< Maximum memory.
    uint64_t hugepage_size_bytes = 0;  ///< 0: none.
    unsigned vcpus = 0;
    std::string loader;  ///< UEFI firmware path; empty: BIOS.
    std::string nvram;   ///< Path of the NVRAM file; empty: none.
    std::string nvram_template;
    bool launch_security = false;
    bool invtsc = false;
    bool numa_pinned = false;
    std::vector<Disk> disks;
    std::vector<Nic> nics;
    std::vector<Device> devices;
    std::vector<std::string> fixed_ports;  ///< "vnc 5901", "serial tcp 0.0.0.0:4444": what must be free at the target.

    Observation now;
    bool autostart = false;
    bool config_pending = false;  ///< Live and inactive definitions differ in more than run-time details.
    bool managed_save = false;
    int snapshots = 0;
    int external_snapshots = 0;  ///< Those of them whose data is in files of its own.
    int checkpoints = 0;
    std::vector<std::string> block_jobs;   ///< Targets of disks with a job: "vda".
    std::vector<std::string> disk_errors;  ///< Targets of disks in error.
};

}  // namespace vmferry::model

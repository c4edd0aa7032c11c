#!/usr/bin/env python3
"""The plugin guestfs on real images: good ones, damaged ones, and ones that lie.

usage: guestfs_test.py PLUGIN
Starts one appliance for all images, emulated, which takes about a minute; needs a kernel in /boot that it may read.
"""
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

MIB = 1024 * 1024
LINUX_DATA = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
BACKING_FORMAT = bytes.fromhex("e2792aca")  # the extension of a qcow2 head that records it
ROOT_INODE = 2
PLUGIN = None


def run(*words, data=None):
    subprocess.run([str(word) for word in words], check=True, input=data, stdout=subprocess.DEVNULL)


def sparse(path, mib):
    with open(path, "wb") as file:
        file.truncate(mib * MIB)
    return path


def write_at(path, offset, data):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


def ask(images, limit_ms=480_000):
    """The answer, and the exit code."""
    request = {"schema": "vmferry.inspect/1", "limit_ms": limit_ms, "kvm": False,
               "images": [{"disk": disk, "path": str(path), "format": form} for disk, path, form in images]}
    with tempfile.TemporaryDirectory(prefix="vmferry-guestfs-test-", ignore_cleanup_errors=True) as own:
        done = subprocess.run([PLUGIN], input=json.dumps(request).encode(), capture_output=True,
                              timeout=limit_ms / 1000 + 30, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": own,
                                                            "XDG_RUNTIME_DIR": own})
    return json.loads(done.stdout or b"{}"), done.returncode


class Images:
    """Makes them in a directory."""

    def __init__(self, directory):
        self.directory = directory

    def linux(self, name, size_mib=96):
        """GPT with one ext4 that holds what an inspection takes for Debian."""
        tree = self.directory / "tree"
        if not tree.exists():
            for folder in ("etc", "bin", "usr/bin", "var/log", "boot", "root", "home"):
                (tree / folder).mkdir(parents=True)
            (tree / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\nNAME="Debian GNU/Linux"\n'
                                                 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
            (tree / "etc/debian_version").write_text("12.5\n")
            (tree / "etc/hostname").write_text("lab-guest\n")
            (tree / "etc/fstab").write_text("LABEL=lab-root / ext4 defaults 0 1\n")
            shutil.copy("/bin/true", tree / "bin/ls")
        path = sparse(self.directory / name, size_mib)
        run("sfdisk", "-q", path, data=f"label: gpt\nstart=2048, type={LINUX_DATA}\n".encode())
        run("mke2fs", "-q", "-t", "ext4", "-F", "-L", "lab-root", "-d", tree, "-E", f"offset={MIB}", path,
            f"{size_mib - 4}M")
        return path

    def without_superblock(self):
        path = self.linux("superblock.raw")
        write_at(path, MIB + 1024, b"\0" * 1024)
        write_at(path, MIB, b"\xaa" * 512)  # not blank
        return path

    def without_root(self):
        """Its superblock is good; its root directory is none any more."""
        path = sparse(self.directory / "root.raw", 32)
        run("mke2fs", "-q", "-t", "ext4", "-F", "-O", "^metadata_csum,^64bit,^flex_bg", path)
        facts = dict(line.split(":", 1) for line in subprocess.run(
            ["dumpe2fs", "-h", path], check=True, capture_output=True, text=True).stdout.splitlines() if ":" in line)
        size, block = int(facts["Inode size"]), int(facts["Block size"])
        stat = subprocess.run(["debugfs", "-R", f"imap <{ROOT_INODE}>", path], check=True, capture_output=True, text=True)
        # "located at block 35, offset 0x0080"
        place = stat.stdout.split("located at block ")[1].split(",")
        write_at(path, int(place[0]) * block + int(place[1].split()[1], 16), b"\xff" * size)
        return path

    def qcow2(self, name, raw):
        path = self.directory / name
        run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, path)
        return path

    def cut_off(self, raw):
        path = self.qcow2("cut.qcow2", raw)
        os.truncate(path, path.stat().st_size // 2)
        return path

    def overlay(self, name, base):
        path = self.directory / name
        run("qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "raw", path)
        return path

    def without_backing_format(self, base):
        path = self.overlay("unrecorded.qcow2", base)
        head = path.read_bytes()[:4096]
        write_at(path, head.index(BACKING_FORMAT), struct.pack(">I", 0x12345678))
        return path

    def disguised(self):
        """A raw disk to which its guest has written the head of a qcow2 that stands on a file of the host."""
        path = sparse(self.directory / "disguised.raw", 16)
        head = self.directory / "head.qcow2"
        run("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", head, "1M")
        write_at(path, 0, head.read_bytes())
        return path

    def garbage(self):
        path = self.directory / "garbage.raw"
        path.write_bytes(random.Random(1).randbytes(8 * MIB))
        return path

    def encrypted(self):
        path = sparse(self.directory / "luks.raw", 32)
        key = self.directory / "key"
        key.write_text("secret")
        run("cryptsetup", "luksFormat", "--batch-mode", "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", 1000, path, key)
        return path

    def made_by(self, name, mib, *words):
        path = sparse(self.directory / name, mib)
        run(*words, path)
        return path


class LookAtAll(unittest.TestCase):
    """One look at all images, and what it says of each."""

    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory(prefix="vmferry-guestfs-test-")
        directory = pathlib.Path(cls.work.name)
        make = Images(directory)
        elsewhere = directory / "elsewhere"
        elsewhere.mkdir()
        good = make.linux("good.raw")
        base = elsewhere / "base.raw"
        shutil.copy(good, base)
        orphan = make.overlay("orphan.qcow2", shutil.copy(good, directory / "gone.raw"))
        (directory / "gone.raw").unlink()
        os.mkfifo(directory / "pipe")
        used = sparse(directory / "used.raw", 16)
        user = subprocess.Popen(["qemu-nbd", "-f", "raw", "-k", directory / "socket", "-t", used])
        cls.addClassCleanup(lambda: (user.kill(), user.wait()))
        while not (directory / "socket").exists():
            time.sleep(0.05)
        cls.before = {path: path.read_bytes() for path in (good, base)}
        cls.answer, cls.code = ask([
            ("good", good, "raw"),
            ("compact", make.qcow2("compact.qcow2", good), "qcow2"),
            ("overlay", make.overlay("overlay.qcow2", base), "qcow2"),
            ("superblock", make.without_superblock(), "raw"),
            ("root", make.without_root(), "raw"),
            ("blank", sparse(directory / "blank.raw", 16), "raw"),
            ("garbage", make.garbage(), "raw"),
            ("cut", make.cut_off(good), "qcow2"),
            ("nonsense", make.garbage(), "qcow2"),
            ("orphan", orphan, "qcow2"),
            ("unrecorded", make.without_backing_format(base), "qcow2"),
            ("disguised", make.disguised(), "raw"),
            ("luks", make.encrypted(), "raw"),
            ("swap", make.made_by("swap.raw", 16, "mkswap", "-q"), "raw"),
            ("fat", make.made_by("fat.raw", 32, "mkfs.vfat"), "raw"),
            ("xfs", make.made_by("xfs.raw", 320, "mkfs.xfs", "-q"), "raw"),
            ("missing", directory / "none.raw", "raw"),
            ("pipe", directory / "pipe", "raw"),
            ("used", used, "raw"),
        ])
        cls.paths = {"good": good, "base": base}

    @classmethod
    def tearDownClass(cls):
        cls.work.cleanup()

    def image(self, disk):
        return next(one for one in self.answer["images"] if one["disk"] == disk)

    def contents(self, device):
        found = [one for one in self.answer["file_systems"] if one["device"] == device]
        self.assertEqual(len(found), 1, f"{device} in {self.answer}")
        return found[0]

    def test_it_looked_at_everything(self):
        self.assertEqual(self.code, 0)
        self.assertEqual(self.answer["incomplete"], "")
        self.assertEqual(self.answer["schema"], "vmferry.inspection/1")
        self.assertEqual(len(self.answer["images"]), 19)

    def test_partitions_and_file_systems_of_good_images(self):
        for disk in ("good", "compact", "overlay"):
            image, system = self.image(disk), self.contents(f"{disk}1")
            self.assertEqual((image["state"], image["table"], image["capacity_bytes"]), ("inspected", "gpt", 96 * MIB))
            self.assertEqual([one["type"] for one in image["partitions"]], [LINUX_DATA])
            self.assertEqual(image["partitions"][0]["start_bytes"], MIB)
            self.assertEqual((system["type"], system["label"], system["health"]), ("ext4", "lab-root", "whole"))
            self.assertGreater(system["free_bytes"], 0)
            self.assertLess(system["free_bytes"], system["size_bytes"])

    def test_the_operating_system(self):
        systems = {one["root"]: one for one in self.answer["systems"]}
        self.assertIn("good1", systems)
        found = systems["good1"]
        self.assertEqual((found["type"], found["distribution"], found["host_name"]), ("linux", "debian", "lab-guest"))
        self.assertTrue(found["version"].startswith("12"), found)

    def test_damage_is_found(self):
        self.assertEqual(self.contents("superblock1")["health"], "damaged")
        self.assertIn("no file system", self.contents("superblock1")["detail"])
        self.assertEqual(self.contents("root")["health"], "damaged")

    def test_what_holds_nothing_is_no_damage(self):
        self.assertTrue(self.image("blank")["blank"])
        self.assertEqual(self.image("garbage")["state"], "inspected")
        self.assertEqual(self.contents("garbage")["health"], "not-checked")
        self.assertEqual(self.contents("swap")["type"], "swap")

    def test_images_that_are_none(self):
        for disk, word in (("nonsense", "not in qcow2 format"), ("orphan", "gone.raw does not exist"),
                           ("missing", "does not exist")):
            image = self.image(disk)
            self.assertEqual(image["state"], "damaged", disk)
            self.assertIn(word, image["reason"])
        self.assertEqual(self.image("cut")["state"], "damaged")
        self.assertIn("qemu-img check", self.image("cut")["reason"])

    def test_images_that_must_not_be_opened(self):
        self.assertEqual(self.image("unrecorded")["state"], "not-inspected")
        self.assertIn("not recorded", self.image("unrecorded")["reason"])
        self.assertEqual(self.image("pipe")["state"], "not-inspected")
        self.assertEqual(self.image("used")["state"], "not-inspected")
        self.assertIn("in use", self.image("used")["reason"])

    def test_a_raw_disk_is_raw_whatever_it_looks_like(self):
        image = self.image("disguised")
        self.assertEqual((image["state"], image["capacity_bytes"]), ("inspected", 16 * MIB))
        self.assertEqual(self.contents("disguised")["size_bytes"], 16 * MIB)
        self.assertNotIn("passwd", json.dumps(self.answer))

    def test_encryption_is_said(self):
        self.assertEqual(self.contents("luks")["type"], "crypto_LUKS")
        self.assertIn("encrypted", self.contents("luks")["detail"])

    def test_other_checkers(self):
        self.assertEqual((self.contents("fat")["type"], self.contents("fat")["health"]), ("vfat", "whole"))
        xfs = self.contents("xfs")
        self.assertEqual(xfs["type"], "xfs")
        self.assertIn(xfs["health"], ("whole", "not-checked"))  # xfsprogs is a package of its own

    def test_nothing_was_written(self):
        for path, content in self.before.items():
            self.assertEqual(path.read_bytes(), content, path)


class Requests(unittest.TestCase):
    """What needs no appliance."""

    def refused(self, text):
        done = subprocess.run([PLUGIN], input=text.encode(), capture_output=True, timeout=30)
        self.assertEqual((done.returncode, done.stdout), (64, b""), text)
        self.assertTrue(done.stderr.startswith(b"guestfs: "), done.stderr)

    def test_what_is_no_request_is_64(self):
        good = {"disk": "vda", "path": "/tmp/x", "format": "raw"}
        self.refused("")
        self.refused("[]")
        self.refused(json.dumps({"schema": "vmferry.inspect/2", "images": [good]}))
        self.refused(json.dumps({"schema": "vmferry.inspect/1", "images": []}))
        for change in ({"format": "auto"}, {"format": None}, {"path": "x"}, {"path": "nbd://host/x"}, {"disk": ""}):
            self.refused(json.dumps({"schema": "vmferry.inspect/1", "images": [good | change]}))

    def test_an_answer_is_out_before_the_limit(self):
        with tempfile.TemporaryDirectory(prefix="vmferry-guestfs-test-") as directory:
            before = set(pathlib.Path("/tmp").glob("libguestfs*"))
            answer, code = ask([("vda", sparse(pathlib.Path(directory, "a.raw"), 16), "raw")], limit_ms=3000)
            self.assertEqual(set(pathlib.Path("/tmp").glob("libguestfs*")) - before, set(), "left behind")
        self.assertEqual(code, 0)
        self.assertIn("was up while starting the appliance", answer["incomplete"])
        self.assertEqual(answer["images"][0]["state"], "inspected")


if __name__ == "__main__":
    PLUGIN = sys.argv.pop(1)
    unittest.main(verbosity=2)

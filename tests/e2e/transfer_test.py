#!/usr/bin/env python3
"""Files and folders go from one real process to another over loopback."""
import os
import random
import subprocess
import unittest

from wherry_process import LOOPBACK, ProgramTest, at_most, describe_tree, make_mixed_tree, signal, write_file


SLOWLY = at_most("160 Mbit/s")  # there is a middle on every machine


class Transfer(ProgramTest):
    def test_a_mixed_tree_arrives_equal_and_the_bulk_features_fire(self):
        tree = make_mixed_tree(self.folder / "tree", random.Random(1))
        single = write_file(self.folder / "elsewhere/single.txt", b"one more root")
        receiver, address = self.receive("--accept", "all", "--once")
        sender = self.send(address, tree, single)
        self.assertExit(sender, 0)
        self.assertExit(receiver, 0)
        self.assertSameTree(tree, self.folder / "out/tree")
        self.assertEqual((self.folder / "out/single.txt").read_bytes(), b"one more root")
        self.assertEqual(sorted(os.listdir(self.folder / "out")), ["single.txt", "tree"])

        delivered = sender.named("delivered")[0]
        total = sum(p.stat().st_size for p in [*tree.rglob("*"), single] if p.is_file())
        self.assertEqual(delivered["bytesTotal"], total)
        self.assertGreater(delivered["chunksCompressed"], 0)
        self.assertGreater(delivered["filesBatched"], 1000)
        self.assertGreater(delivered["streamsUsed"], 1)
        self.assertEqual(delivered["chunksResent"], 0)
        self.assertLessEqual(delivered["bytesSent"], total)  # text.log is sent compressed
        self.assertEqual([e["event"] for e in receiver.events[:1]], ["ready"])
        self.assertEqual(sorted(receiver.named("delivered")[0]["names"]), ["single.txt", "tree"])
        names = [e["event"] for e in sender.events]
        self.assertLess(names.index("offer"), names.index("accepted"))
        self.assertLess(names.index("accepted"), names.index("delivered"))
        self.assertIn("path", names)
        offer = receiver.named("offer")[0]
        self.assertEqual((offer["direction"], offer["needsAnswer"]), ("incoming", False))

    def test_a_sparse_file_arrives_sparse(self):
        disk = self.folder / "disk.img"
        with open(disk, "wb") as file:
            for at in (0, 20_000_000, 41_000_000):
                file.seek(at)
                file.write(random.Random(at).randbytes(5000))
            file.truncate(64_000_000)
        _, address = self.receive("--accept", "all", "--once")
        self.deliver(address, disk)
        there = self.folder / "out/disk.img"
        self.assertEqual(there.read_bytes(), disk.read_bytes())
        if disk.stat().st_blocks * 512 < 4_000_000:  # the volume can hold holes
            self.assertLess(there.stat().st_blocks * 512, 8_000_000)

    def test_the_same_send_again_sends_nothing_and_makes_no_copy(self):
        tree = make_mixed_tree(self.folder / "tree", random.Random(2), small=50, large=3_000_000)
        _, address = self.receive("--accept", "all")
        self.deliver(address, tree)
        again = self.deliver(address, tree)
        self.assertEqual(again["bytesSent"], 0)
        self.assertEqual(os.listdir(self.folder / "out"), ["tree"])

    def test_a_changed_file_is_the_only_one_sent_again(self):
        tree = make_mixed_tree(self.folder / "tree", random.Random(3), small=50, large=3_000_000)
        _, address = self.receive("--accept", "all")
        self.deliver(address, tree)
        write_file(tree / "empty", b"no longer", modified=1_700_000_000)
        again = self.deliver(address, tree)
        self.assertLessEqual(again["bytesSent"], 1000)
        self.assertSameTree(tree, self.folder / "out/tree")

    def test_a_manifest_of_a_megabyte_does_not_stall(self):
        """Pages are made again after the peer has taken the last of them, however much it took at once."""
        tree = self.folder / "names"
        for i in range(4500):
            write_file(tree / f"{i:05}{'x' * 189}", b"")
        _, address = self.receive("--accept", "all")
        for attempt in range(4):
            tree = tree.rename(self.folder / f"names-{attempt}")
            self.assertEqual(self.deliver(address, tree)["files"], 4500)

    def test_conflict_policies_meet_a_different_offer(self):
        one, other = (write_file(self.folder / name / "IN", name.encode()) for name in ("one", "other"))
        expected = {"rename": {"IN": b"one", "IN (1)": b"other"}, "replace": {"IN": b"other"}, "skip": {"IN": b"one"}, "fail": {"IN": b"one"}}
        for policy, content in expected.items():
            with self.subTest(policy):
                out = f"out-{policy}"
                receiver, address = self.receive("--accept", "all", "--conflict", policy, home=f"receiver-{policy}", out=out)
                self.deliver(address, one)
                sender = self.send(address, other)
                self.assertExit(sender, 3 if policy == "fail" else 0)
                self.assertEqual({p.name: p.read_bytes() for p in (self.folder / out).iterdir()}, content)
                receiver.stop()

    def test_an_offer_that_nobody_can_answer_is_declined_and_leaves_nothing(self):
        file = write_file(self.folder / "file", b"x" * 1000)
        _, address = self.receive()
        sender = self.send(address, file)
        self.assertExit(sender, 3)
        self.assertIn("terminal", sender.named("declined")[0]["reason"])
        self.assertEmpty(self.folder / "out")

    def test_accept_trusted_declines_a_stranger(self):
        file = write_file(self.folder / "file", b"x")
        _, address = self.receive("--accept", "trusted")
        self.assertExit(self.send(address, file), 3)
        self.assertEmpty(self.folder / "out")

    def test_another_key_at_the_address_gets_nothing(self):
        file = write_file(self.folder / "file", b"secret")
        receiver, address = self.receive("--accept", "all")
        other = self.run_wherry("id", home="other", check=False)
        other.exit_code()
        wrong = address.rsplit("/p2p/", 1)[0] + "/p2p/" + self.peer_id("other")
        sender = self.send(wrong, file, options=("--wait", "5"))
        self.assertExit(sender, 4)
        self.assertEqual(sender.named("failed")[-1]["code"], "identity-mismatch")
        self.assertEqual(receiver.named("offer"), [])
        self.assertEmpty(self.folder / "out")

    def peer_id(self, home):
        import json
        from wherry_process import PROGRAM
        run = subprocess.run([PROGRAM, "--json", "--home", str(self.folder / home), "id"], capture_output=True, check=True, timeout=60)
        return json.loads(run.stdout)["peerId"]

    def test_links_and_devices_stay_at_home(self):
        tree = self.folder / "tree"
        write_file(tree / "file", b"x")
        write_file(self.folder / "outside/secret", b"secret")
        (tree / "link").symlink_to("../outside/secret")
        (tree / "folder-link").symlink_to("../outside")
        os.mkfifo(tree / "fifo")
        _, address = self.receive("--accept", "all")
        sender = self.send(address, tree)
        self.assertExit(sender, 0)
        self.assertEqual(sender.named("offer")[0]["skipped"], 3)
        self.assertEqual([p.name for p in (self.folder / "out/tree").iterdir()], ["file"])

    def test_setuid_does_not_travel(self):
        file = write_file(self.folder / "tool", b"x", mode=0o6755)
        _, address = self.receive("--accept", "all")
        self.deliver(address, file)
        mode = (self.folder / "out/tool").stat().st_mode
        self.assertEqual(mode & 0o7000, 0)
        self.assertTrue(mode & 0o100)

    def test_relative_paths_and_the_current_folder(self):
        write_file(self.folder / "here/sub/file", b"x")
        _, address = self.receive("--accept", "all")
        self.deliver(address, "sub", cwd=self.folder / "here")
        self.deliver(address, ".", cwd=self.folder / "here")
        self.assertSameTree(self.folder / "here/sub", self.folder / "out/sub")
        self.assertSameTree(self.folder / "here", self.folder / "out/here")

    def test_two_senders_at_once(self):
        trees = [make_mixed_tree(self.folder / f"tree{i}", random.Random(i), small=100, large=4_000_000) for i in range(2)]
        _, address = self.receive("--accept", "all")
        senders = [self.send(address, tree, home=f"sender{i}") for i, tree in enumerate(trees)]
        for sender in senders:
            self.assertExit(sender, 0)
        for tree in trees:
            self.assertSameTree(tree, self.folder / "out" / tree.name)

    def test_sender_and_receiver_share_a_home_on_one_device(self):
        file = write_file(self.folder / "file", b"x" * 300_000)
        _, address = self.receive("--accept", "all", home="shared")
        self.deliver(address, file, home="shared")
        again = self.deliver(address, file, home="shared")
        self.assertEqual(again["bytesSent"], 0)  # the same key both times
        self.assertSameTree(self.folder / "out", self.folder / "out")
        self.assertEqual(os.listdir(self.folder / "out"), ["file"])

    @unittest.skipUnless(os.geteuid() == 0, "needs root: mounts a small file system")
    def test_a_disk_that_is_too_small_is_said_before_anything_is_written(self):
        file = write_file(self.folder / "file", random.Random(4).randbytes(8_000_000))
        out = self.folder / "out"
        out.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "wherry-e2e", str(out)], check=True)
        self.addCleanup(subprocess.run, ["umount", str(out)], check=False)
        receiver, address = self.receive("--accept", "all", "--once")
        sender = self.send(address, file)
        self.assertIn(sender.exit_code(), (3, 7), sender.story())
        self.assertEmpty(out)
        receiver.signal(signal.SIGINT)
        self.assertIn(receiver.exit_code(), (6, 130))


class Signals(ProgramTest):
    def test_a_node_ends_well(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            node = self.run_wherry("node", "--listen", "/ip4/127.0.0.1/udp/0/quic-v1")
            ready = node.wait_for("ready")
            self.assertTrue(ready["listen"][0].endswith("/p2p/" + ready["peerId"]))
            self.assertNotIn("/udp/0/", ready["listen"][0])
            node.signal(number)
            self.assertExit(node, 0)

    def test_two_requests_to_end_at_once_are_one(self):
        """timeout(1) signals its child and then the whole group."""
        node = self.run_wherry("node", "--listen", LOOPBACK)
        node.wait_for("ready")
        node.signal(signal.SIGTERM)
        node.signal(signal.SIGINT)
        self.assertExit(node, 0)

    def test_the_port_of_last_time_is_taken_again(self):
        ports = []
        for _ in range(2):
            node = self.run_wherry("node")
            listen = node.wait_for("ready")["listen"]
            ports.append({a.split("/udp/")[1].split("/")[0] for a in listen if "/udp/" in a})
            self.assertEqual(len(ports[-1]), 1)
            self.assertTrue(any("/tcp/" in a for a in listen) and "/quic-v1/" in listen[0], listen)
            node.signal(signal.SIGTERM)
            self.assertExit(node, 0)
        self.assertEqual(ports[0], ports[1])

    def test_a_receiver_that_is_stopped_is_130(self):
        receiver, _ = self.receive()
        receiver.signal(signal.SIGINT)
        self.assertExit(receiver, 130)

    def test_a_sender_that_is_stopped_is_130_and_the_receiver_goes_on(self):
        file = write_file(self.folder / "file", random.Random(5).randbytes(200_000_000))
        receiver, address = self.receive("--accept", "all")
        sender = self.send(address, file, options=SLOWLY)
        sender.wait_for("progress", lambda e: e["bytes"] > 0)
        sender.signal(signal.SIGINT)
        self.assertExit(sender, 130)
        self.assertFalse((self.folder / "out/file").exists())
        self.deliver(address, file)
        self.assertSameTree(self.folder / "out", self.folder / "out")
        self.assertEqual(next(d for d in describe_tree(self.folder / "out") if d[1] == "file")[2],
                         next(d for d in describe_tree(self.folder) if d[0] == b"./file")[2])
        self.assertIsNone(receiver.process.poll())

    def test_a_receiver_that_is_stopped_and_started_again_is_gone_on_with(self):
        file = write_file(self.folder / "file", random.Random(6).randbytes(60_000_000))
        receiver, address = self.receive("--accept", "all")
        sender = self.send(address, file, options=SLOWLY)
        sender.wait_for("progress", lambda e: e["bytes"] > 0)
        receiver.signal(signal.SIGINT)
        self.assertExit(receiver, 130)
        sender.wait_for("interrupted")
        self.receive("--accept", "all", listen=address.rsplit("/p2p/", 1)[0])
        self.assertExit(sender, 0)
        self.assertEqual((self.folder / "out/file").read_bytes(), file.read_bytes())

    def test_the_same_send_twice_at_once_is_said_and_the_first_goes_on(self):
        file = write_file(self.folder / "file", random.Random(7).randbytes(60_000_000))
        receiver, address = self.receive("--accept", "all")
        first = self.send(address, file, options=SLOWLY)
        first.wait_for("progress", lambda e: e["bytes"] > 0)
        second = self.send(address, file)
        self.assertExit(second, 6)
        self.assertEqual(second.named("failed")[0]["code"], "busy")
        self.assertIn("already, as transfer", second.named("failed")[0]["message"])
        self.assertExit(first, 0)
        self.assertEqual(len(receiver.named("offer")), 1)


if __name__ == "__main__":
    unittest.main()

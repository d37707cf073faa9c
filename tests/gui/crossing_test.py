#!/usr/bin/env python3
"""Two people with a window each: files and folders are dragged from another program onto a device, the other person clicks Accept, and both
watch them arrive. Homes of their own, over loopback, where they are introduced by a ping since they cannot hear one another; and with nothing but a cable."""
import random
import sys
import unittest

from desktop_process import DesktopTest, namespaces
from wherry_process import make_mixed_tree, write_file

ANNA, BERT = "Anna's laptop", "Bert's desktop"
SLOW = '[limits]\nupload = "1 Mbit/s"\nlimit_lan = true\n'  # settings of a sender, so that there is a middle
FAST = "[limits]\n"


class TwoPeople(DesktopTest):
    def setUp(self):
        super().setUp()
        self.screens = {name: self.screen(name) for name in ("anna", "bert")}

    def start(self, name, *told, **options):
        alias = {"anna": ANNA, "bert": BERT}[name]
        return self.window(name, "--set", f"profile.alias={alias}", *told, screen=self.screens[name], **options)

    def address_of(self, window):
        window.wait_for("Receive files")
        status = self.command(window, "status")
        self.assertExit(status, 0)
        return status.named("status")[0]["listen"][0]

    def introduce(self, anna, bert):
        self.address_of(anna)
        self.assertExit(self.command(anna, "ping", "-n", "1", self.address_of(bert)), 0)
        anna.wait_for(BERT, "list item")
        bert.wait_for(ANNA, "list item")

    def set(self, settings):
        """Anna's, as an editor writes them: her window takes them up."""
        write_file(self.folder / "home-anna/wherry.toml", settings.encode())

    def both(self):
        anna, bert = self.start("anna"), self.start("bert")
        self.introduce(anna, bert)
        return anna, bert

    def answer(self, window, word):
        window.click(word, "push button", until=lambda: window.is_gone(word, "push button"))

    def history(self, window, outcome, before=None):
        """Waits until the newest entry is there and says so."""
        def newest():
            listed = self.command(window, "transfers", "history")
            self.assertExit(listed, 0)
            entries = listed.named("history")[0]["entries"]
            self.assertIn(entries[0]["outcome"] if entries else outcome, (before, outcome), (listed.story(), window.log()))
            return entries and entries[0]["outcome"] == outcome
        window.wait_until(newest, f"entry of the history that is {outcome}")

    def tree(self, name="trip", small=150, large=2**20):
        return make_mixed_tree(self.folder / "from" / name, random.Random(7), small=small, large=large)


class Drop(TwoPeople):
    def test_files_and_folders_in_one_drop_on_a_device_arrive_once_the_other_person_clicks_accept(self):
        anna, bert = self.both()
        tree, other = self.tree(), self.tree("other", small=3, large=10)
        letter = write_file(self.folder / "from/letter ü.txt", b"Dear Bert,\n")
        empty = write_file(self.folder / "from/empty", b"")
        self.assertEqual(anna.drop([tree, letter, other, empty], BERT, self.addCleanup, role="list item"), "released copy")
        bert.wait_for(f"{ANNA} wants to send you files")
        self.assertEmpty(bert.out)
        self.answer(bert, "Accept")
        self.history(anna, "delivered")
        self.history(bert, "delivered")
        for source in (tree, other):
            self.assertSameTree(source, bert.out / source.name)
        for source in (letter, empty):
            self.assertEqual((bert.out / source.name).read_bytes(), source.read_bytes())
        self.assertEqual(sorted(path.name for path in bert.out.iterdir()), sorted(path.name for path in (tree, letter, other, empty)))

    def test_what_is_dropped_on_the_window_goes_to_the_device_that_is_chosen_then(self):
        anna, bert = self.both()
        letter = write_file(self.folder / "from/letter.txt", b"Dear Bert,\n")
        self.assertEqual(anna.drop([letter], "Devices", self.addCleanup, role="heading"), "released copy")
        self.assertFalse(bert.find(".* wants to send you files"))
        anna.click(BERT, "list item", button="Send.*", until=lambda: anna.is_gone("Who gets it?"))
        self.answer(bert, "Accept")
        self.history(anna, "delivered")
        self.assertEqual((bert.out / "letter.txt").read_bytes(), b"Dear Bert,\n")

    def test_who_declines_gets_nothing_and_the_sender_is_told(self):
        anna, bert = self.both()
        anna.drop([self.tree()], BERT, self.addCleanup, role="list item")
        self.answer(bert, "Decline")
        self.history(anna, "declined")
        self.assertEmpty(bert.out)
        anna.wait_for("Declined.*")


    def test_twenty_thousand_files_are_asked_about_without_a_row_for_each(self):
        anna, bert = self.both()
        many = self.folder / "from/many"
        for i in range(20_000):
            if i % 1000 == 0:
                (many / str(i)).mkdir(parents=True)
            (many / str(i // 1000 * 1000) / f"{i}.txt").touch()
        anna.drop([many], BERT, self.addCleanup, role="list item")
        question = bert.wait_for(f"{ANNA} wants to send you files", "dialog")
        self.assertIn("20,000 files", " ".join(node.name for node in bert.nodes()))
        self.assertLess(len(list(question.all())), 200)
        self.answer(bert, "Decline")
        self.history(anna, "declined")


class SharedEngine(TwoPeople):
    def test_what_a_terminal_sends_shows_up_in_the_window_of_the_same_person(self):
        self.set(SLOW)
        anna, bert = self.both()
        file = write_file(self.folder / "from/film.bin", random.Random(3).randbytes(3 * 2**20))
        address = self.address_of(bert)
        sender = self.command(anna, "send", address, file)
        self.answer(bert, "Accept")
        anna.click("Transfers.*", "push button")
        anna.wait_for(".*film.bin.*")
        self.set(FAST)
        self.assertExit(sender, 0)
        self.assertEqual((bert.out / "film.bin").read_bytes(), file.read_bytes())


class Killed(TwoPeople):
    """SIGKILL in the middle, and the same program again."""

    def middle(self):
        self.set(SLOW)
        anna, bert = self.both()
        tree = self.tree(large=3 * 2**20)
        address = self.address_of(bert).split("/p2p/")[0]
        anna.drop([tree], BERT, self.addCleanup, role="list item")
        self.answer(bert, "Accept")
        bert.wait_until(lambda: any(bert.out.rglob("*.part")), "first bytes")
        return anna, bert, tree, address

    def assert_arrived(self, anna, bert, tree):
        self.history(anna, "delivered", before="interrupted")
        self.history(bert, "delivered", before="interrupted")
        self.assertSameTree(tree, bert.out / tree.name)
        self.assertEqual([path.name for path in bert.out.iterdir()], [tree.name])

    def test_when_the_receiver_is_killed_and_started_again_the_rest_comes_without_a_question(self):
        anna, bert, tree, address = self.middle()
        bert.kill()
        self.assertTrue(any(bert.out.rglob("*.part")), "killed too late")
        self.set(FAST)
        bert = self.start("bert", "--set", f"network.listen={address}")
        self.assert_arrived(anna, bert, tree)

    def test_when_the_sender_is_killed_what_it_was_sending_is_there_again_and_one_click_sends_the_rest(self):
        anna, bert, tree, _ = self.middle()
        anna.kill()
        self.assertTrue(any(bert.out.rglob("*.part")), "killed too late")
        self.set(FAST)
        anna = self.start("anna")
        anna.click("Transfers.*", "push button", until=lambda: anna.find("Transfers", "heading"))
        anna.click("Send again", "push button")
        self.assert_arrived(anna, bert, tree)


class Nearby(TwoPeople):
    """On one cable, in namespaces of their own: nothing is typed, not even a name."""

    def test_two_windows_find_each_other_and_a_dropped_folder_arrives(self):
        boat, quay = (namespaces.Host(name, self.folder) for name in ("boat", "quay"))
        for host in (boat, quay):
            self.addCleanup(host.remove)
        namespaces.cable(boat, "wire", quay, "wire")
        windows = []
        for last, host in enumerate((boat, quay), 1):
            host.up("wire", f"192.168.9.{last}/24", f"fd00:9::{last}/64")
            named = f'echo {host.alias} > /proc/sys/kernel/hostname; exec "$0" "$@"'
            windows.append(self.window(host.alias, mdns=True, run_in=("ip", "netns", "exec", host.name, "unshare", "--uts", "sh", "-c", named)))
        at_boat, at_quay = windows
        at_boat.wait_for("quay", "list item")
        at_quay.wait_for("boat", "list item")
        tree = self.tree()
        self.assertEqual(at_boat.drop([tree], "quay", self.addCleanup, role="list item"), "released copy")
        self.answer(at_quay, "Accept")
        self.history(at_boat, "delivered")
        self.assertSameTree(tree, at_quay.out / tree.name)


if __name__ == "__main__":
    if "Nearby" in sys.argv and namespaces.why_not():
        print(f"gui.Nearby is skipped: {namespaces.why_not()}", file=sys.stderr)
        sys.exit(namespaces.SKIPPED)
    unittest.main()

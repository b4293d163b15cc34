// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import nestor.api.profile.ProfileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokenProfilesTest {
  @TempDir Path folder;

  private final JsonProfiles profiles = new JsonProfiles(new FakeCatalog());

  /** Each is a profile, the line of the mistake and a part of the message. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'memroy': '1G'} | 1 | unknown key \"memroy\" of the profile; did you mean \"memory\"?",
        "{'cpus': 1,~'cpus': 2} | 2 | the key \"cpus\" stands twice",
        "{'cpus': 1 | 1 | expected",
        "[] | 1 | a profile must be an object",
        "{'cpus': 0} | 1 | cpus must be a whole number from 1 to 255, not 0",
        "{'cpus': 1.5} | 1 | cpus must be a whole number from 1 to 255, not 1.5",
        "{'cpus':~'two'} | 2 | cpus must be a whole number from 1 to 255, not \"two\"",
        "{'memory': 64} | 1 | memory must be a number with K, M or G in a string",
        "{'memory': '64'} | 1 | such as \"512M\", not \"64\"",
        "{'memory': '3K'} | 1 | memory must be whole pages of 4K, from 1M to 1024G",
        "{'cpu': 'intel'} | 1 | cpu must be an object with the keys model, add, remove",
        "{'cpu': {'add': 'avx'}} | 1 | add must be an array of strings, not \"avx\"",
        "{'cpu': {'add': [1]}} | 1 | each item of add must be a string, not 1",
        "{'clock': {'hertz': 1}} | 1 | unknown key \"hertz\" of clock",
        "{'clock': {'rtc': 'noon'}} | 1 | rtc must be \"host\", a date or a time",
        "{'clock': {'mode': 'realtim'}} | 1 | did you mean \"realtime\"?",
        "{'seed': true} | 1 | seed must be a whole number, not true",
        "{'devices': []} | 1 | devices must be an object with a device for each name",
        "{'devices': {'a b': {'type': 'rtc'}}} | 1 | a device's name must be a letter",
        "{'devices': {~'clock': {}}} | 2 | device \"clock\" must have a type, one of acpipm",
        "{'devices': {~'com': {'type': 'uart1655'}}} | 2 | did you mean \"uart16550\"?",
        "{'devices': {'com': {'type': 'uart16550',~'bauds': 'exact'}}} | 2"
            + " | unknown key \"bauds\" of device \"com\" (uart16550); did you mean \"baud\"?",
        "{'devices': {'com': {'type': 'uart16550',~'baud': 'exac'}}} | 2"
            + " | unknown baud \"exac\"; did you mean \"exact\"?",
        "{'devices': {'com': {'type': 'uart16550', 'fifo': 1}}} | 1 | fifo must be true or false",
        "{'devices': {'com': {'type': 'uart16550', 'irq': 16}}} | 1 | from 0 to 15",
        "{'devices': {'com': {'type': 'uart16550', 'irq': 4, 'nestor.irq': 3}}} | 1"
            + " | irq stands twice",
        "{'devices': {'com': {'type': 'uart16550', 'mmio': '0+1'}}} | 1 | unknown key \"mmio\"",
        "{'devices': {'com': {'type': 'uart16550', 'ports': '0x3F8'}}} | 1"
            + " | ports must be ranges BASE+LENGTH in a string",
        "{'devices': {'com': {'type': 'uart16550', 'ports': 1016}}} | 1 | ports must be a string",
        "{'devices': {'com': {'type': 'uart16550', 'ports': '0xFFFF+2'}}} | 1 | below 0x10000",
        "{'devices': {'a': {'type': 'uart16550'},~'b': {'type': 'uart16550'}}} | 2"
            + " | ports 0x3F8-0x3FF of device \"b\" clash with 0x3F8-0x3FF of device \"a\"",
        "{'devices': {'pci': {'type': 'pci'},~'off': {'type': 'reset'}}} | 2"
            + " | or let the smaller lie over the larger by \"overlay\": true",
        "{'devices': {'pci': {'type': 'pci'},~'x': {'type': 'reset', 'ports': '0xCF7+2',"
            + " 'overlay': true}}} | 2 | ports 0xCF7-0xCF8 of device \"x\" clash",
        "{'devices': {'h': {'type': 'hpet', 'mmio': '0xFEE00000+0x400'}}} | 1 | local APIC",
        "{'devices': {'h': {'type': 'hpet', 'mmio': '0x100000+0x400'}}} | 1 | clash with RAM at",
        "{'devices': {'h': {'type': 'hpet'},~'i': {'type': 'ioapic', 'mmio': '0xFED00200+16'}}}"
            + " | 2 | addresses 0xFED00200-0xFED0020F of device \"i\" clash",
        "{'boot': {'kernal': 'x'}} | 1 | did you mean \"kernel\"?",
        "{'boot': {'kernel': ''}} | 1 | kernel must be the path of a file",
        "{'boot': {'kind': 'bzimage'}} | 1 | unknown kind \"bzimage\"; expected one of linux",
        "{'boot': {'modules': 'x'}} | 1 | modules must be an array of paths",
        "{'boot': {'modules': [{'append': 'x'}]}} | 1 | a module must have a file",
        "{'boot': {'env': {'A': 1}}} | 1 | env.A must be a string, not 1",
        "{'boot': {'env': {'1A': ''}}} | 1 | a name in env must be letters, digits and _",
        "{'boot': {'address': '7C00'}} | 1 | address must be a whole number",
        "{'consoles': {'serial': 'ring'}} | 1 | unknown key \"serial\" of consoles",
        "{'include': 'tiny',~'consoles': {'serial0': 'terminl'}} | 2 | did you mean \"terminal\"?",
        "{'include': 'tiny', 'consoles': {'serial0': 'tcp:99999'}} | 1 | expected one of terminal",
        "{'include': 'pc', 'consoles': {'debug': 'terminal'}} | 1 | the terminal can show one",
        "{~'include': 'linx'} | 2 | did you mean \"linux\"?",
        "{'include': 'profile.json'} | 1 | includes itself",
      })
  void namesFileAndLineAndWhatWasExpected(String text, int line, String part) throws Exception {
    Path file = folder.resolve("profile.json");
    Files.writeString(file, text.replace('\'', '"').replace('~', '\n'));

    assertThatThrownBy(() -> profiles.resolve(file.toString(), List.of()))
        .isInstanceOf(ProfileException.class)
        .hasMessageContaining(part)
        .satisfies(e -> assertThat(e.getMessage()).startsWith(file + ":" + line + ":"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "cpus | --set cpus: expected PATH=VALUE",
        "=1 | --set =1: expected PATH=VALUE",
        "cpsu=1 | --set cpsu=1: unknown key \"cpsu\" of the profile; did you mean \"cpus\"?",
        "cpus=many | --set cpus=many: cpus must be a whole number from 1 to 255, not \"many\"",
        "cpus.x=1 | --set cpus.x=1: cpus must be a whole number from 1 to 255, not an object",
        "devices.serial9.irq=3 | --set devices.serial9.irq=3: device \"serial9\" must have a type",
        "devices.serial0.irk=3 | did you mean \"irq\"?",
        "devices.exit={\"type\": | --set devices.exit={\"type\":: expected",
        "include=pc | include can only stand in a file",
      })
  void checksOverridesLikeFiles(String override, String part) {
    assertThatThrownBy(() -> profiles.resolve("tiny", List.of(override)))
        .isInstanceOf(ProfileException.class)
        .hasMessageContaining(part);
  }

  @Test
  void saysWhatToDoWithoutAProfile() {
    assertThatThrownBy(() -> profiles.resolve("linus", List.of()))
        .hasMessageContaining("there is none of that name; did you mean \"linux\"?")
        .hasMessageContaining(
            "linux, nested-amd, nested-amd-qemu, nested-intel, nested-intel-qemu, pc, tiny");
    assertThatThrownBy(() -> profiles.resolve("none.json", List.of()))
        .hasMessageContaining("none.json: the file does not exist");
    assertThatThrownBy(() -> profiles.resolve(folder.toString(), List.of()))
        .hasMessageContaining("this is not a file");
  }
}

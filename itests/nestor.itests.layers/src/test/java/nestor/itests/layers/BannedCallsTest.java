// SPDX-License-Identifier: Apache-2.0
package nestor.itests.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import nestor.itests.layers.Tree.BuiltBundle;
import org.junit.jupiter.api.Test;

/**
 * No bundle looks at the host's clock, sleeps, prints past its caller's streams or throws unseeded
 * dice: a machine would not be deterministic, or would not be told apart from its neighbour.
 */
class BannedCallsTest {
  private static final Set<String> BANNED =
      Set.of(
          "java.lang.System.nanoTime()J",
          "java.lang.System.out:Ljava/io/PrintStream;",
          "java.lang.Thread.sleep(J)V",
          "java.lang.Thread.sleep(JI)V",
          "java.lang.Thread.sleep(Ljava/time/Duration;)V",
          "java.lang.Math.random()D",
          "java.util.Random.<init>()V");

  @Test
  void noBundleUsesTheHostsClockOrOutputUnlessListed() throws IOException {
    AllowList allowed = AllowList.read(Tree.ROOT.resolve("itests/allowed-calls.txt"));
    List<String> offences = new ArrayList<>();
    int classes = 0;
    for (BuiltBundle bundle : Tree.bundles()) {
      for (Path file : classFiles(bundle.classes())) {
        ClassModel model = ClassFile.of().parse(file);
        String name = model.thisClass().asInternalName().replace('/', '.');
        classes++;
        for (String call : bannedIn(model)) {
          if (!allowed.allows(name, call)) {
            offences.add(name + " uses " + call);
          }
        }
      }
    }

    assertThat(classes).isGreaterThan(50);
    assertThat(offences).describedAs("see itests/allowed-calls.txt").isEmpty();
    assertThat(allowed.unused()).describedAs("entries nobody needs").isEmpty();
  }

  @Test
  void findsTheCallsInThisTest() throws IOException {
    Path file = Path.of("target/test-classes/nestor/itests/layers/BannedCallsTest$Offender.class");

    List<String> calls = bannedIn(ClassFile.of().parse(file));

    assertThat(calls)
        .containsExactlyInAnyOrder(
            "java.lang.System.nanoTime()J",
            "java.lang.System.out:Ljava/io/PrintStream;",
            "java.lang.Thread.sleep(J)V",
            "java.util.Random.<init>()V");
  }

  @SuppressWarnings("unused") // only its class file is read
  private static final class Offender {
    static void offend() throws InterruptedException {
      Thread.sleep(new Random().nextInt());
      System.out.println(System.nanoTime());
    }
  }

  private static List<String> bannedIn(ClassModel model) {
    List<String> found = new ArrayList<>();
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof MemberRefEntry member) {
        String type = member.type().stringValue();
        String call =
            member.owner().asInternalName().replace('/', '.')
                + "."
                + member.name().stringValue()
                + (type.startsWith("(") ? type : ":" + type);
        if (BANNED.contains(call)) {
          found.add(call);
        }
      }
    }
    return found;
  }

  private static List<Path> classFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(f -> f.toString().endsWith(".class")).toList();
    }
  }
}

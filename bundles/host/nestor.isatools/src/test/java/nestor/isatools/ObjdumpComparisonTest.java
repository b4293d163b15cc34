// SPDX-License-Identifier: Apache-2.0
package nestor.isatools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import nestor.api.command.Command;
import nestor.testkit.CapturedIo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjdumpComparisonTest {
  private static final Path LIBRARY = Path.of("/lib/x86_64-linux-gnu/libc.so.6");

  private static void assumeObjdump() {
    boolean there =
        Stream.of(System.getenv("PATH").split(":", -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "objdump")));
    assumeTrue(there && Files.isReadable(LIBRARY), "this host has no binutils or no C library");
  }

  private static void compares(Path file) throws Exception {
    CapturedIo io = new CapturedIo(Path.of("/"), Path.of("/"));

    int code = new IsaCommand().run(List.of("compare", file.toString()), io);

    assertThat(code).as(io.output()).isEqualTo(Command.OK);
    assertThat(io.output()).endsWith("\n0 differences\n");
  }

  @Test
  void aCLibraryDecodesAsObjdumpDoes() throws Exception {
    assumeObjdump();

    compares(LIBRARY);
  }

  @Test
  @Tag("long")
  void kernelImagesDecodeAsObjdumpDoes() throws Exception {
    assumeObjdump();
    List<Path> kernels = kernels();
    assumeTrue(!kernels.isEmpty(), "this host has no binutils or no kernel image");

    for (Path kernel : kernels) {
      compares(kernel);
    }
  }

  private static List<Path> kernels() throws IOException {
    List<Path> kernels = new ArrayList<>();
    Path guests = Path.of(System.getProperty("user.home"), ".cache", "nestor", "guests");
    if (Files.isDirectory(guests)) {
      try (Stream<Path> folders = Files.list(guests)) {
        for (Path folder :
            folders.filter(f -> f.getFileName().toString().startsWith("linux-")).toList()) {
          if (Files.isReadable(folder.resolve("vmlinuz"))) {
            kernels.add(folder.resolve("vmlinuz"));
          }
        }
      }
    }
    return kernels;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rep stos QWORD PTR es:[rdi],rax        | stosq
          lock cmpxchg QWORD PTR [rdi],rsi       | cmpxchg
          cs nop WORD PTR [rax+rax*1+0x0]        | nop
          xchg   ax,ax                           | nop
          movabs rax,0x123456789abcdef0          | mov
          jmp    FWORD PTR [rax]                 | jmpf
          vcmplt_oqps k1,zmm0,zmm2               | vcmpps
          pclmullqhqdq xmm0,xmm1                 | pclmulqdq
          bnd jmp 0x1000                         | jmp
          je,pn  0x1000                          | je
          """)
  void namesOfObjdumpBecomeThoseOfTheManuals(String text, String mnemonic) {
    assertThat(ObjdumpNames.mnemonic(text)).isEqualTo(mnemonic);
  }

  @Test
  void lz4BlocksUnpackWithMatchesThatOverlapThemselves() {
    // Literals "ab", a match of 6 bytes at distance 2, then the literal "c".
    byte[] frame = {2, 0x21, 0x4C, 0x18, 7, 0, 0, 0, 0x22, 'a', 'b', 2, 0, 0x10, 'c', 9, 0, 0, 0};

    List<byte[]> blocks = Lz4.unpack(frame);

    assertThat(blocks).hasSize(1);
    assertThat(blocks.getFirst()).asString().isEqualTo("ababababc");
  }
}

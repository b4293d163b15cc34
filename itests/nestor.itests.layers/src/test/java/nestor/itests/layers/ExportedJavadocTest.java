// SPDX-License-Identifier: Apache-2.0
package nestor.itests.layers;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree.Kind;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import nestor.itests.layers.Tree.BuiltBundle;
import org.junit.jupiter.api.Test;

/**
 * Every exported package and type says what it is; in {@code nestor.api}, which is for people who
 * write devices, every method does too.
 *
 * <p>That the comments are well-formed is the compiler's part (-Xdoclint). It can find missing ones
 * as well, but only together with missing tags, and a tag that repeats a name helps nobody.
 */
class ExportedJavadocTest {
  private static final Set<String> METHODS_TOO = Set.of("nestor.api");

  @Test
  void exportedTypesHaveJavadoc() throws IOException {
    List<String> offences = new ArrayList<>();
    int checked = 0;
    for (BuiltBundle bundle : Tree.bundles()) {
      for (String exported : bundle.exports()) {
        Path folder = bundle.folder().resolve("src/main/java", exported.replace('.', '/'));
        List<Path> sources = sources(folder);
        checked += sources.size();
        if (sources.stream().noneMatch(s -> s.endsWith("package-info.java"))) {
          offences.add(exported + " has no package-info.java");
        }
        offences.addAll(undocumented(files(sources), METHODS_TOO.contains(bundle.name())));
      }
    }

    assertThat(checked).isGreaterThan(20);
    assertThat(offences).isEmpty();
  }

  @Test
  void findsWhatIsMissing() throws IOException {
    JavaFileObject source =
        new SimpleJavaFileObject(
            java.net.URI.create("string:///A.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return """
                package a;
                public interface A {
                  void b();
                  /** Told. */
                  void c();
                  @Override String toString();
                  /** Told. */
                  enum D { E; private void f() {} }
                  class G { void hidden() {} public void seen() {} }
                }
                class H {}
                """;
          }
        };

    assertThat(undocumented(List.of(source), false)).containsExactly("a.A", "a.A.G");
    assertThat(undocumented(List.of(source), true))
        .containsExactly("a.A", "a.A.b()", "a.A.G", "a.A.G.seen()");
  }

  private static List<Path> sources(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".java")).sorted().toList();
    }
  }

  private static Iterable<? extends JavaFileObject> files(List<Path> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null);
    return manager.getJavaFileObjectsFromPaths(sources);
  }

  private static List<String> undocumented(
      Iterable<? extends JavaFileObject> sources, boolean methodsToo) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    JavacTask task = (JavacTask) compiler.getTask(null, null, _ -> {}, null, null, sources);
    DocTrees docs = DocTrees.instance(task);
    List<String> missing = new ArrayList<>();
    for (CompilationUnitTree unit : task.parse()) {
      new Scanner(docs, methodsToo, missing).scan(unit, String.valueOf(unit.getPackageName()));
    }
    return missing;
  }

  /** Walks the types a reader of the Javadoc sees; the parameter is the name of the one around. */
  private static final class Scanner extends TreePathScanner<Void, String> {
    private final DocTrees docs;
    private final boolean methodsToo;
    private final List<String> missing;

    Scanner(DocTrees docs, boolean methodsToo, List<String> missing) {
      this.docs = docs;
      this.methodsToo = methodsToo;
      this.missing = missing;
    }

    @Override
    public Void visitClass(ClassTree type, String around) {
      if (!isSeen(type.getModifiers())) {
        return null;
      }
      String name = around + "." + type.getSimpleName();
      require(name);
      return super.visitClass(type, name);
    }

    @Override
    public Void visitMethod(MethodTree method, String around) {
      boolean overrides =
          method.getModifiers().getAnnotations().stream()
              .anyMatch(a -> a.getAnnotationType().toString().equals("Override"));
      boolean constructor = method.getReturnType() == null;
      if (methodsToo && !overrides && !constructor && isSeen(method.getModifiers())) {
        require(around + "." + method.getName() + "()");
      }
      return null; // nothing inside a body is exported
    }

    private boolean isSeen(ModifiersTree modifiers) {
      TreePath parent = getCurrentPath().getParentPath();
      boolean inInterface =
          parent.getLeaf() instanceof ClassTree around
              && (around.getKind() == Kind.INTERFACE || around.getKind() == Kind.ANNOTATION_TYPE);
      boolean isPrivate = modifiers.getFlags().contains(Modifier.PRIVATE);
      return !isPrivate
          && (inInterface
              || modifiers.getFlags().contains(Modifier.PUBLIC)
              || modifiers.getFlags().contains(Modifier.PROTECTED));
    }

    private void require(String name) {
      if (docs.getDocComment(getCurrentPath()) == null) {
        missing.add(name);
      }
    }
  }
}

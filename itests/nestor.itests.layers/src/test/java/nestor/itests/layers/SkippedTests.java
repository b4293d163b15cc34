// SPDX-License-Identifier: Apache-2.0
package nestor.itests.layers;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** Reads from the reports which tests were skipped, and why. */
final class SkippedTests {
  private static final Set<String> REPORTS = Set.of("surefire-reports", "failsafe-reports");

  /** What JUnit and AssertJ put before the reason that a test gives. */
  private static final String PREFIX = "(org\\.\\S+Exception: )?(Assumption failed: )?";

  private SkippedTests() {}

  /** The skipped tests below {@code root} whose reason begins like none of {@code allowed}. */
  static List<String> withoutReason(Path root, List<String> allowed)
      throws IOException, ParserConfigurationException, SAXException {
    List<String> offences = new ArrayList<>();
    for (Path report : reports(root)) {
      NodeList skipped = parse(report).getElementsByTagName("skipped");
      for (int i = 0; i < skipped.getLength(); i++) {
        Element skip = (Element) skipped.item(i);
        String text = skip.getAttribute("message");
        String reason = (text.isEmpty() ? skip.getTextContent() : text).replaceFirst(PREFIX, "");
        if (allowed.stream().noneMatch(reason.strip()::startsWith)) {
          Element test = (Element) skip.getParentNode();
          offences.add(
              test.getAttribute("classname")
                  + "."
                  + test.getAttribute("name")
                  + " was skipped: "
                  + reason.lines().findFirst().orElse("no reason given"));
        }
      }
    }
    return offences;
  }

  /** The reasons in a file, without comments. */
  static List<String> reasons(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .toList();
  }

  private static Element parse(Path report)
      throws IOException, ParserConfigurationException, SAXException {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
    return factory.newDocumentBuilder().parse(report.toFile()).getDocumentElement();
  }

  static List<Path> reports(Path root) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            boolean aside = name.equals("src") || name.equals("classes") || name.startsWith(".git");
            return aside ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = file.getFileName().toString();
            if (name.startsWith("TEST-")
                && name.endsWith(".xml")
                && REPORTS.contains(file.getParent().getFileName().toString())) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }
}

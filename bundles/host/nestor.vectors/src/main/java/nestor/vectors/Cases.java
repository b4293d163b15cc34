// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nestor.api.command.CommandException;

/** The inputs of vectors, for whoever wants to know their outcome. */
public final class Cases {
  private Cases() {}

  /** One of them. */
  public static final class Case {
    private final Vector vector;
    private final VectorMachine machine;

    Case(Vector vector, VectorMachine machine) {
      this.vector = vector;
      this.machine = machine;
    }

    /** {@return its name} */
    public String id() {
      return vector.id;
    }

    /** {@return its code} */
    public byte[] code() {
      return vector.code.clone();
    }

    /** Puts the machine into the state before. */
    public void prepare() {
      machine.prepare(vector, Surroundings.LONG64);
    }
  }

  /** {@return the cases of a file, to be prepared on a machine} */
  public static List<Case> read(Path file, Machine machine) throws IOException, CommandException {
    VectorMachine vectors = new VectorMachine(machine, null);
    List<Case> cases = new ArrayList<>();
    for (VectorFile.Line line : VectorFile.lines(file)) {
      cases.add(new Case(line.parse(), vectors));
    }
    return cases;
  }
}

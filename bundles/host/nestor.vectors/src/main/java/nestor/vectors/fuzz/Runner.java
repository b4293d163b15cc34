// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.io.IOException;
import java.util.List;

/** Something that programs run on, whose results are held to be right. */
interface Runner extends AutoCloseable {

  /** {@return how many programs it takes at once} */
  int batch();

  /** Runs programs, and fills in what is expected of them: null if the run never ended. */
  void run(List<Trial> trials) throws IOException;

  @Override
  void close() throws IOException;
}

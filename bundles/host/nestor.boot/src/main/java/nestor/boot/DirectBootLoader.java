// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import nestor.api.boot.BootData;
import nestor.api.boot.BootException;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootLoader;
import nestor.api.boot.BootPlan;
import nestor.api.boot.BootRequest;
import org.osgi.service.component.annotations.Component;

/** Loads kernels without any firmware. */
@Component
public final class DirectBootLoader implements BootLoader {

  @Override
  public BootKind detect(BootData kernel) throws BootException {
    return detect(ImageFile.read(kernel).unpacked());
  }

  private static BootKind detect(ImageFile file) throws BootException {
    if (file.size() == 0) {
      throw new BootException(file.name() + " is empty; there is nothing to start.");
    }
    if (LinuxImage.claims(file)) {
      return BootKind.LINUX;
    }
    if (MultibootImage.claims(file)) {
      return BootKind.MULTIBOOT;
    }
    if (PvhImage.claims(file)) {
      return BootKind.PVH;
    }
    throw new BootException(
        "%s: no Linux header (\"HdrS\" at offset 0x202), Multiboot header (0x1BADB002 in the first 8192 bytes) or PVH note was found; for a flat image say so by the boot kind flat16, flat32 or flat64."
            .formatted(file.name()));
  }

  @Override
  public BootPlan plan(BootRequest request) throws BootException {
    ImageFile file = ImageFile.read(request.kernel());
    BootKind kind = request.kind().isPresent() ? request.kind().get() : detect(file.unpacked());
    checkExtras(request, kind);
    return switch (kind) {
      case LINUX -> LinuxImage.plan(file.unpacked(), request);
      case MULTIBOOT -> MultibootImage.plan(file.unpacked(), request);
      case PVH -> PvhImage.plan(file.unpacked(), request);
      case FLAT16, FLAT32, FLAT64 -> FlatImage.plan(file, request, kind);
    };
  }

  private static void checkExtras(BootRequest request, BootKind kind) throws BootException {
    boolean flat =
        switch (kind) {
          case FLAT16, FLAT32, FLAT64 -> true;
          case LINUX, MULTIBOOT, PVH -> false;
        };
    String name = request.kernel().name();
    if (!request.environment().isEmpty() && kind != BootKind.MULTIBOOT) {
      throw new BootException(
          "%s: a %s image takes no environment; leave it out or use a Multiboot image."
              .formatted(name, kind.word()));
    }
    if (flat && !(request.modules().isEmpty() && request.commandLine().isEmpty())) {
      throw new BootException(
          "%s: a flat image takes no modules and no command line; leave them out.".formatted(name));
    }
    if (!flat && request.address().isPresent()) {
      throw new BootException(
          "%s: a %s image says itself where it goes; leave the load address out."
              .formatted(name, kind.word()));
    }
  }
}

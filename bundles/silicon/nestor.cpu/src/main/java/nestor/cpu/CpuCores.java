// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import java.util.List;
import nestor.vcpu.SystemUnit;
import nestor.vcpu.SystemUnitFactory;
import nestor.vcpu.Vcpu;
import org.osgi.service.component.annotations.Component;

/** Makes CPU cores of the models of this bundle. */
@Component(service = SystemUnitFactory.class)
public final class CpuCores implements SystemUnitFactory {

  @Override
  public List<String> models() {
    return ModelFiles.NAMES;
  }

  @Override
  public SystemUnit create(Vcpu vcpu, CpuRequest request) {
    CpuModel model = new CpuModel(request);
    vcpu.offered = model.offered();
    vcpu.amd = model.isAmd();
    vcpu.gigabytePages = model.has("PAGE1GB");
    CpuCore core = new CpuCore(vcpu, model);
    vcpu.core = core;
    return core;
  }

  @Override
  public int physicalBits(CpuRequest request) {
    return new CpuModel(request).physicalBits();
  }
}

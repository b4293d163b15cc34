// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * Constants of the transcendental functions, each a pair of doubles whose sum it is to 106 bits.
 */
final class TrigTable {
  static final double PI_HIGH = 0x1.921fb54442d18p+1;
  static final double PI_LOW = 0x1.1a62633145c07p-53;
  static final double HALF_PI_HIGH = 0x1.921fb54442d18p+0;
  static final double HALF_PI_LOW = 0x1.1a62633145c07p-54;
  static final double LN2_HIGH = 0x1.62e42fefa39efp-1;
  static final double LN2_LOW = 0x1.abc9e3b39803fp-56;
  static final double TWO_OVER_LN2_HIGH = 0x1.71547652b82fep+1;
  static final double TWO_OVER_LN2_LOW = 0x1.777d0ffda0d24p-55;

  /** (-1)^k / (2k+1)!, the series of sin(x) / x in x^2. */
  static final double[] SINE = {
    0x1.0000000000000p+0, 0x0.0p+0,
    -0x1.5555555555555p-3, -0x1.5555555555555p-57,
    0x1.1111111111111p-7, 0x1.1111111111111p-63,
    -0x1.a01a01a01a01ap-13, -0x1.a01a01a01a01ap-73,
    0x1.71de3a556c734p-19, -0x1.c154f8ddc6c00p-73,
    -0x1.ae64567f544e4p-26, 0x1.c062e06d1f209p-80,
    0x1.6124613a86d09p-33, 0x1.f28e0cc748ebep-87,
    -0x1.ae7f3e733b81fp-41, -0x1.1d8656b0ee8cbp-97,
    0x1.952c77030ad4ap-49, 0x1.ac981465ddc6cp-103,
    -0x1.2f49b46814157p-57, -0x1.2650f61dbdcb4p-112,
    0x1.71b8ef6dcf572p-66, -0x1.d043ae40c4647p-120,
    -0x1.761b41316381ap-75, 0x1.3423c7d91404fp-130,
  };

  /** (-1)^k / (2k)!, the series of cos(x) in x^2. */
  static final double[] COSINE = {
    0x1.0000000000000p+0, 0x0.0p+0,
    -0x1.0000000000000p-1, 0x0.0p+0,
    0x1.5555555555555p-5, 0x1.5555555555555p-59,
    -0x1.6c16c16c16c17p-10, 0x1.f49f49f49f49fp-65,
    0x1.a01a01a01a01ap-16, 0x1.a01a01a01a01ap-76,
    -0x1.27e4fb7789f5cp-22, -0x1.cbbc05b4fa99ap-76,
    0x1.1eed8eff8d898p-29, -0x1.2aec959e14c06p-83,
    -0x1.93974a8c07c9dp-37, -0x1.05d6f8a2efd1fp-92,
    0x1.ae7f3e733b81fp-45, 0x1.1d8656b0ee8cbp-101,
    -0x1.6827863b97d97p-53, -0x1.eec01221a8b0bp-107,
    0x1.e542ba4020225p-62, 0x1.ea72b4afe3c2fp-120,
    -0x1.0ce396db7f853p-70, 0x1.aebcdbd20331cp-124,
    0x1.f2cf01972f578p-80, -0x1.9ada5fcc1ab14p-135,
  };

  /** 1 / (k+1)!, the series of (e^x - 1) / x. */
  static final double[] EXPONENTIAL = {
    0x1.0000000000000p+0, 0x0.0p+0,
    0x1.0000000000000p-1, 0x0.0p+0,
    0x1.5555555555555p-3, 0x1.5555555555555p-57,
    0x1.5555555555555p-5, 0x1.5555555555555p-59,
    0x1.1111111111111p-7, 0x1.1111111111111p-63,
    0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65,
    0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-73,
    0x1.a01a01a01a01ap-16, 0x1.a01a01a01a01ap-76,
    0x1.71de3a556c734p-19, -0x1.c154f8ddc6c00p-73,
    0x1.27e4fb7789f5cp-22, 0x1.cbbc05b4fa99ap-76,
    0x1.ae64567f544e4p-26, -0x1.c062e06d1f209p-80,
    0x1.1eed8eff8d898p-29, -0x1.2aec959e14c06p-83,
    0x1.6124613a86d09p-33, 0x1.f28e0cc748ebep-87,
    0x1.93974a8c07c9dp-37, 0x1.05d6f8a2efd1fp-92,
    0x1.ae7f3e733b81fp-41, 0x1.1d8656b0ee8cbp-97,
    0x1.ae7f3e733b81fp-45, 0x1.1d8656b0ee8cbp-101,
    0x1.952c77030ad4ap-49, 0x1.ac981465ddc6cp-103,
    0x1.6827863b97d97p-53, 0x1.eec01221a8b0bp-107,
    0x1.2f49b46814157p-57, 0x1.2650f61dbdcb4p-112,
    0x1.e542ba4020225p-62, 0x1.ea72b4afe3c2fp-120,
    0x1.71b8ef6dcf572p-66, -0x1.d043ae40c4647p-120,
    0x1.0ce396db7f853p-70, -0x1.aebcdbd20331cp-124,
  };

  /** 1 / (2k+1), the series of atanh(x) / x in x^2. */
  static final double[] ATANH = {
    0x1.0000000000000p+0, 0x0.0p+0,
    0x1.5555555555555p-2, 0x1.5555555555555p-56,
    0x1.999999999999ap-3, -0x1.999999999999ap-57,
    0x1.2492492492492p-3, 0x1.2492492492492p-57,
    0x1.c71c71c71c71cp-4, 0x1.c71c71c71c71cp-58,
    0x1.745d1745d1746p-4, -0x1.745d1745d1746p-59,
    0x1.3b13b13b13b14p-4, -0x1.3b13b13b13b14p-58,
    0x1.1111111111111p-4, 0x1.1111111111111p-60,
    0x1.e1e1e1e1e1e1ep-5, 0x1.e1e1e1e1e1e1ep-61,
    0x1.af286bca1af28p-5, 0x1.af286bca1af28p-59,
    0x1.8618618618618p-5, 0x1.8618618618618p-59,
    0x1.642c8590b2164p-5, 0x1.642c8590b2164p-60,
    0x1.47ae147ae147bp-5, -0x1.eb851eb851eb8p-61,
    0x1.2f684bda12f68p-5, 0x1.2f684bda12f68p-59,
    0x1.1a7b9611a7b96p-5, 0x1.1a7b9611a7b96p-61,
    0x1.0842108421084p-5, 0x1.0842108421084p-60,
    0x1.f07c1f07c1f08p-6, -0x1.f07c1f07c1f08p-61,
  };

  /** (-1)^k / (2k+1), the series of atan(x) / x in x^2. */
  static final double[] ATAN = {
    0x1.0000000000000p+0, 0x0.0p+0,
    -0x1.5555555555555p-2, -0x1.5555555555555p-56,
    0x1.999999999999ap-3, -0x1.999999999999ap-57,
    -0x1.2492492492492p-3, -0x1.2492492492492p-57,
    0x1.c71c71c71c71cp-4, 0x1.c71c71c71c71cp-58,
    -0x1.745d1745d1746p-4, 0x1.745d1745d1746p-59,
    0x1.3b13b13b13b14p-4, -0x1.3b13b13b13b14p-58,
    -0x1.1111111111111p-4, -0x1.1111111111111p-60,
    0x1.e1e1e1e1e1e1ep-5, 0x1.e1e1e1e1e1e1ep-61,
    -0x1.af286bca1af28p-5, -0x1.af286bca1af28p-59,
    0x1.8618618618618p-5, 0x1.8618618618618p-59,
  };

  /** atan(k / 8). */
  static final double[] ATAN_OF_EIGHTHS = {
    0x0.0p+0, 0x0.0p+0,
    0x1.fd5ba9aac2f6ep-4, -0x1.cd37686760c17p-59,
    0x1.f5b75f92c80ddp-3, 0x1.8ab6e3cf7afbdp-57,
    0x1.6f61941e4def1p-2, -0x1.c63aae6f6e918p-56,
    0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56,
    0x1.1e00babdefeb4p-1, -0x1.928df287a668fp-58,
    0x1.4978fa3269ee1p-1, 0x1.2419a87f2a458p-56,
    0x1.700a7c5784634p-1, -0x1.8c34d25aadef6p-56,
    0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55,
  };

  private TrigTable() {}
}

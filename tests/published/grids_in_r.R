# Random tables and what R makes of them, for tests/stats/test_stats_grids.py:
#
#     Rscript tests/published/grids_in_r.R > tests/published/grids_in_r.csv
#
# Base R, and spdep for empirical Bayes. Every limit is a root by bisection down to neighboring numbers.

cat("function,method,level,inputs,value,lower,upper,p_value\n")
set.seed(20251125)
options(warn = 2)

root <- function(f, a, b) {
  rising <- f(a) < 0
  repeat {
    m <- (a + b) / 2
    if (m <= min(a, b) || m >= max(a, b)) return(m)
    if ((f(m) < 0) == rising) a <- m else b <- m
  }
}

number <- function(x) paste(sprintf("%.17g", x), collapse = " ")
row <- function(f, method, level, given, found, p = NA) {
  text <- paste(names(given), vapply(given, function(v) if (is.character(v)) v else number(v), ""), sep = "=")
  cat(f, method, number(level), paste(text, collapse = "; "), number(found[1]), number(found[2]),
      number(found[3]), number(p), sep = ",")
  cat("\n")
}
pick <- function(...) sample(c(...), 1)
level <- function() pick(.9, .95, .99, .998)
size <- function() round(exp(runif(1, log(2), log(2e5))))
count <- function(n) pick(0, 1, rbinom(1, n, runif(1)^3), rbinom(1, n, min(1, 3 / n)), rbinom(1, n, .9))
quantile_of <- function(level) qnorm((1 - level) / 2, lower.tail = FALSE)

# --- one proportion, one count ------------------------------------------------------------------------------

of_share <- function(method, x, n, level) {
  t <- (1 - level) / 2; z <- quantile_of(level); p <- x / n; q <- 1 - p; m <- n + z^2
  above <- function(p) pbinom(x - 1, n, p, lower.tail = FALSE); below <- function(p) pbinom(x, n, p)
  half <- function(p) dbinom(x, n, p) / 2; centre <- (x + z^2 / 2) / m
  switch(method,
    wilson = c(if (x == 0) 0 else (x + z^2/2 - z*sqrt(z^2/4 + n*p*q)) / m,
               if (x == n) 1 else (x + z^2/2 + z*sqrt(z^2/4 + n*p*q)) / m),
    wilson_cc = c(if (x == 0) 0 else (2*x + z^2 - 1 - z*sqrt(z^2 - 2 - 1/n + 4*p*(n*q + 1))) / (2*m),
                  if (x == n) 1 else (2*x + z^2 + 1 + z*sqrt(z^2 + 2 - 1/n + 4*p*(n*q - 1))) / (2*m)),
    exact = c(if (x == 0) 0 else root(function(p) above(p) - t, 0, 1),
              if (x == n) 1 else root(function(p) below(p) - t, 0, 1)),
    midp = c(if (x == 0) 0 else root(function(p) above(p) - half(p) - t, 0, if (x == n) 1 else p + 1e-9),
             if (x == n) 1 else root(function(p) below(p) - half(p) - t, if (x == 0) 0 else p - 1e-9, 1)),
    jeffreys = c(if (x == 0) 0 else root(function(p) pbeta(p, x + .5, n - x + .5) - t, 0, 1),
                 if (x == n) 1 else root(function(p) pbeta(p, x + .5, n - x + .5, lower.tail = FALSE) - t, 0, 1)),
    agresti_coull = c(max(0, centre - z * sqrt(centre * (1 - centre) / m)),
                      min(1, centre + z * sqrt(centre * (1 - centre) / m))))
}
of_count <- function(method, x, level) {
  t <- (1 - level) / 2; z <- quantile_of(level); y <- x + 1; top <- x + 12 * sqrt(y) + 40
  above <- function(m) ppois(x - 1, m, lower.tail = FALSE); half <- function(m) dpois(x, m) / 2
  switch(method,
    exact = c(if (x == 0) 0 else root(function(m) above(m) - t, 0, top),
              root(function(m) ppois(x, m) - t, 0, top)),
    midp = c(if (x == 0) 0 else root(function(m) above(m) - half(m) - t, 0, top),
             root(function(m) ppois(x, m) - half(m) - t, 0, top)),
    byar = c(if (x == 0) 0 else x * max(0, 1 - 1/(9*x) - z/(3*sqrt(x)))^3,
             y * (1 - 1/(9*y) + z/(3*sqrt(y)))^3),
    phe = of_count(if (x < 10) "exact" else "byar", x, level))
}

for (i in 1:25) for (method in c("wilson", "wilson_cc", "exact", "midp", "jeffreys", "agresti_coull")) {
  n <- size(); x <- count(n); l <- level(); found <- of_share(method, x, n, l)
  row("proportion_interval", method, l, list(events = x, total = n), c(NA, found))
  row("proportion", method, l, list(events = x, total = n, per = 1000), 1000 * c(x / n, found))
}
for (i in 1:25) for (method in c("exact", "midp", "byar", "phe")) {
  x <- pick(0, rpois(1, 3), rpois(1, 12), rpois(1, exp(runif(1, 0, 12)))); l <- level()
  t <- runif(1, 10, 1e5); found <- of_count(method, x, l)
  row("count_interval", method, l, list(events = x), c(NA, found))
  row("rate", method, l, list(events = x, person_time = t, per = 1e5), 1e5 * c(x, found) / t)
  e <- runif(1, .2, 2e3)
  row("standardized_ratio", method, l, list(observed = x, expected = e, per = 100), 100 * c(x, found) / e)
}

# --- two groups ---------------------------------------------------------------------------------------------

normal_p <- function(z) 2 * pnorm(-abs(z))
on_log <- function(value, s, z) c(value, value * exp(-z * s), value * exp(z * s))
of_difference <- function(method, x1, n1, x0, n0, level) {
  p1 <- x1 / n1; p0 <- x0 / n0; d <- p1 - p0; z <- quantile_of(level); N <- n1 + n0
  if (method == "newcombe") {
    a <- of_share("wilson", x1, n1, level); b <- of_share("wilson", x0, n0, level)
    return(list(c(d, d - sqrt((p1 - a[1])^2 + (b[2] - p0)^2), d + sqrt((a[2] - p1)^2 + (p0 - b[1])^2)), NA))
  }
  if (method == "wald") {
    s <- sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    return(if (s > 0) list(c(d, d - z * s, d + z * s), normal_p(d / s)))
  }
  fit <- function(D) {  # the reference risk that fits best at a difference of D
    ends <- c(max(0, -D), min(1, 1 - D)); part <- function(x, p) if (x == 0) 0 else x / p
    slope <- function(p) part(x1, p + D) - part(n1 - x1, 1 - p - D) + part(x0, p) - part(n0 - x0, 1 - p)
    inner <- ends + c(1, -1) * diff(ends) * 1e-15
    if (slope(inner[1]) <= 0) ends[1] else if (slope(inner[2]) >= 0) ends[2] else root(slope, inner[1], inner[2])
  }
  far <- function(D) { p <- fit(D); r <- p + D
    (d - D)^2 - z^2 * N / (N - 1) * (r * (1 - r) / n1 + p * (1 - p) / n0) }
  pooled <- (x1 + x0) / N
  p <- normal_p(d / sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0) * N / (N - 1)))
  list(c(d, root(far, -1 + 1e-13, d), root(far, d, 1 - 1e-13)), if (pooled > 0 && pooled < 1) p else 1)
}
of_ratio <- function(method, x1, n1, x0, n0, level) {
  z <- quantile_of(level); N <- n1 + n0; value <- x1 / n1 / (x0 / n0)
  if (method == "katz") {
    s <- sqrt(1/x1 - 1/n1 + 1/x0 - 1/n0)
    return(if (is.finite(s) && s > 0) list(on_log(value, s, z), normal_p(log(value) / s)))
  }
  far <- function(u) {
    R <- exp(u); a <- N * R; b <- R * (n1 + x0) + x1 + n0; k <- x1 + x0
    p <- 2 * k / (b + sqrt(b^2 - 4 * a * k)); r <- R * p
    (x1 / n1 - R * x0 / n0)^2 - z^2 * N / (N - 1) * (r * (1 - r) / n1 + R^2 * p * (1 - p) / n0)
  }
  pooled <- (x1 + x0) / N
  p <- normal_p((x1/n1 - x0/n0) / sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0) * N / (N - 1)))
  list(c(value, if (x1 == 0) 0 else exp(root(far, -40, if (x0 == 0) 40 else log(value))),
         if (x0 == 0) Inf else exp(root(far, if (x1 == 0) -40 else log(value), 40))), p)
}
of_odds <- function(method, x1, n1, x0, n0, level) {
  t <- (1 - level) / 2; z <- quantile_of(level); m <- x1 + x0
  if (method == "woolf") {
    value <- x1 * (n0 - x0) / ((n1 - x1) * x0); s <- sqrt(1/x1 + 1/(n1 - x1) + 1/x0 + 1/(n0 - x0))
    return(if (is.finite(s)) list(on_log(value, s, z), normal_p(log(value) / s)))
  }
  k <- max(0, m - n0):min(n1, m); weight <- lchoose(n1, k) + lchoose(n0, m - k)
  chance <- function(u) { e <- weight + k * u; e <- exp(e - max(e)); e / sum(e) }
  above <- function(u) sum(chance(u)[k >= x1]); below <- function(u) sum(chance(u)[k <= x1])
  first <- x1 == min(k); last <- x1 == max(k)
  list(c(if (first) 0 else if (last) Inf else exp(root(function(u) sum((k - x1) * chance(u)), -30, 30)),
         if (first) 0 else exp(root(function(u) above(u) - t, -30, 30)),
         if (last) Inf else exp(root(function(u) below(u) - t, -30, 30))), min(1, 2 * above(0), 2 * below(0)))
}
of_rates <- function(method, e1, t1, e0, t0, level) {  # ratios
  value <- e1 / t1 / (e0 / t0); t <- (1 - level) / 2; z <- quantile_of(level); n <- e1 + e0
  if (method == "wald") {
    s <- sqrt(1/e1 + 1/e0)
    return(if (is.finite(s)) list(on_log(value, s, z), normal_p(log(value) / s)))
  }
  half <- if (method == "midp") 1/2 else 0; share <- function(u) plogis(u + log(t1 / t0))
  above <- function(u) pbinom(e1 - 1, n, share(u), lower.tail = FALSE) - half * dbinom(e1, n, share(u))
  below <- function(u) pbinom(e1, n, share(u)) - half * dbinom(e1, n, share(u))
  list(c(value, if (e1 == 0) 0 else exp(root(function(u) above(u) - t, -40, 40)),
         if (e0 == 0) Inf else exp(root(function(u) below(u) - t, -40, 40))), min(1, 2 * above(0), 2 * below(0)))
}
of_rate_difference <- function(method, e1, t1, e0, t0, level) {
  d <- e1 / t1 - e0 / t0; z <- quantile_of(level)
  if (method == "wald") {
    s <- sqrt(e1 / t1^2 + e0 / t0^2)
    return(list(c(d, d - z * s, d + z * s), normal_p(d / s)))
  }
  far <- function(D) {
    a <- t1 + t0; b <- a * D - e1 - e0; k <- -e0 * D
    r0 <- max(0, -D, (-b + sqrt(b^2 - 4 * a * k)) / (2 * a))
    (d - D)^2 - z^2 * ((r0 + D) / t1 + r0 / t0)
  }
  out <- 10 * (z^2 + e1 + e0 + 1) / min(t1, t0); r <- (e1 + e0) / (t1 + t0)
  list(c(d, root(far, d - out, d), root(far, d, d + out)), normal_p(d / sqrt(r * (1/t1 + 1/t0))))
}
of_two <- list(risk_difference = list(of_difference, c("newcombe", "miettinen_nurminen", "wald")),
               risk_ratio = list(of_ratio, c("miettinen_nurminen", "katz")),
               odds_ratio = list(of_odds, c("exact", "woolf")))
for (f in names(of_two)) for (method in of_two[[f]][[2]]) for (i in 1:40) {
  n1 <- pick(5, 30, 400, 3000); n0 <- pick(7, 40, 500, 2500); x1 <- count(n1); x0 <- count(n0); l <- level()
  if (x1 + x0 == 0 || x1 + x0 == n1 + n0 || abs(x1 / n1 - x0 / n0) == 1) next
  found <- of_two[[f]][[1]](method, x1, n1, x0, n0, l)
  given <- list(exposed_events = x1, exposed_total = n1, unexposed_events = x0, unexposed_total = n0)
  if (!is.null(found)) row(f, method, l, given, found[[1]], found[[2]])
}
of_time <- list(rate_ratio = list(of_rates, c("exact", "midp", "wald")),
                rate_difference = list(of_rate_difference, c("score", "wald")))
for (f in names(of_time)) for (method in of_time[[f]][[2]]) for (i in 1:40) {
  t1 <- runif(1, 5, 1e5); t0 <- runif(1, 5, 1e5); l <- level()
  e1 <- pick(0, rpois(1, 3), rpois(1, 40), rpois(1, 3000)); e0 <- pick(0, rpois(1, 2), rpois(1, 60), rpois(1, 1000))
  if (e1 + e0 == 0) next
  found <- of_time[[f]][[1]](method, e1, t1, e0, t0, l)
  given <- list(exposed_events = e1, exposed_person_time = t1, unexposed_events = e0, unexposed_person_time = t0)
  if (!is.null(found)) row(f, method, l, given, found[[1]], found[[2]])
}

# --- strata -------------------------------------------------------------------------------------------------

of_strata <- function(measure, a, n1, c, n0, level) {
  N <- n1 + n0; b <- n1 - a; d <- n0 - c; z <- quantile_of(level)
  if (measure == "risk_difference") {
    v <- sum((a * n0 - c * n1) / N) / sum(n1 * n0 / N)
    P <- (n1^2 * c - n0^2 * a + n1 * n0 * (n0 - n1) / 2) / N^2; Q <- (a * d + c * b) / (2 * N)
    s <- sqrt((v * sum(P) + sum(Q)) / sum(n1 * n0 / N)^2)
    return(list(c(v, v - z * s, v + z * s), normal_p(v / s)))
  }
  if (measure == "odds_ratio") {
    m <- mantelhaen.test(array(rbind(a, c, b, d), c(2, 2, length(a))), correct = FALSE, conf.level = level)
    v <- unname(m$estimate)
    return(list(c(v, m$conf.int), normal_p(log(v) / (log(m$conf.int[2] / v) / z))))
  }
  R <- sum(a * n0 / N); S <- sum(c * n1 / N)
  s <- sqrt(sum((n1 * n0 * (a + c) - (if (measure == "risk_ratio") a * c * N else 0)) / N^2) / (R * S))
  list(on_log(R / S, s, z), normal_p(log(R / S) / s))
}
for (measure in c("risk_ratio", "odds_ratio", "risk_difference", "rate_ratio")) for (i in 1:20) {
  k <- sample(2:6, 1); n1 <- sample(10:900, k); n0 <- sample(10:900, k); l <- level()
  a <- rbinom(k, n1, runif(1, .01, .5)); c <- rbinom(k, n0, runif(1, .01, .5))
  found <- of_strata(measure, a, n1, c, n0, l)
  given <- list(exposed_events = a, exposed_total = n1, unexposed_events = c, unexposed_total = n0)
  if (sum(a) > 0 && sum(c) > 0) row("mantel_haenszel", "", l, c(given, measure = measure), found[[1]], found[[2]])
}

for (i in 1:25) {
  k <- sample(2:8, 1); n <- sample(20:4000, k); x <- rbinom(k, n, runif(k, 0, .6)); s <- runif(k, .1, 9)
  x[1] <- max(1, x[1]); w <- s / sum(s); p <- x / n; l <- level(); X <- sum(x)
  wide <- sqrt(sum(w^2 * p * (1 - p) / n) / sum(n * p * (1 - p)))
  found <- sum(w * p) + c(0, wide * (sum(n) * of_share("wilson", X, sum(n), l) - X))
  given <- list(events = x, total = n, standard_population = s, per = 100)
  row("direct_standardized_proportion", "binomial", l, given, 100 * found)
}
for (i in 1:25) for (method in c("dobson", "dobson_byar", "fay_feuer")) {
  k <- sample(2:8, 1); t <- runif(k, 50, 9000); x <- rpois(k, pick(.4, 3, 60)); s <- runif(k, .1, 9); l <- level()
  x[1] <- max(1, x[1]); w <- s / sum(s) / t; y <- sum(w * x); v <- sum(w^2 * x); X <- sum(x); a <- (1 - l) / 2
  found <- if (method == "fay_feuer") {
    m <- max(w)
    c(root(function(r) pgamma(r, y^2 / v, y / v) - a, 0, 100 * y),
      root(function(r) pgamma(r, (y + m)^2 / (v + m^2), (y + m) / (v + m^2), lower.tail = FALSE) - a, 0, 100 * (y + m)))
  } else pmax(0, y + sqrt(v / X) * (of_count(if (method == "dobson") "exact" else "byar", X, l) - X))
  row("direct_standardized_rate", method, l, list(events = x, person_time = t, standard_population = s, per = 1000),
      1000 * c(y, found))
}
for (i in 1:20) for (method in c("exact", "byar", "phe")) {
  k <- sample(2:6, 1); t <- runif(k, 50, 9000); T <- runif(k, 1e4, 1e6); R <- 1 + rpois(k, 500)
  x <- rpois(1, pick(.5, 5, 40)); l <- level(); crude <- sum(R) / sum(T); E <- sum(t * R / T)
  given <- list(events = x, person_time = t, reference_events = R, reference_person_time = T, per = 1000)
  row("indirect_standardized_rate", method, l, given, 1000 * crude * c(x, of_count(method, x, l)) / E)
}

# --- small areas --------------------------------------------------------------------------------------------

for (i in 1:30) for (kind in c("proportion", "phe", "rate", "ratio")) {
  l <- level(); a <- (1 - l) / 2; n <- exp(runif(1, 1, 9)); r <- runif(1, .002, .2)
  found <- if (kind == "phe") pmin(1, pmax(0, r + c(-1, 1) * quantile_of(l) * sqrt(r * (1 - r) / n)))
  else if (kind == "proportion")
    c(if ((1 - r)^n >= a) 0 else root(function(o) pbeta(r, o + 1, n - o, lower.tail = FALSE) - a, 0, n * r),
      if (r^n >= a) n else root(function(o) pbeta(r, o, n - o + 1) - a, n * r, n)) / n
  else { if (kind == "ratio") { n <- n / 50; r <- 1 }; e <- n * r
    c(if (exp(-e) >= a) 0 else root(function(o) pgamma(e, o + 1, lower.tail = FALSE) - a, 0, e),
      root(function(o) pgamma(e, o) - a, e, 2 * e + 60)) / n }
  given <- list(size = n, reference = r, kind = if (kind == "phe") "proportion" else kind)
  row("funnel_limits", if (kind == "phe") "phe" else "exact", l, given, c(NA, found))
}

suppressMessages(suppressWarnings(library(spdep)))
for (i in 1:6) {
  k <- 12; n <- sample(200:9000, k); o <- rpois(k, n * rgamma(k, 4, 800)); ring <- (0:(k - 1))
  pairs <- lapply(ring, function(j) sort(c((j - 1) %% k, (j + 1) %% k)))
  nb <- lapply(pairs, function(j) as.integer(sort(j + 1))); class(nb) <- "nb"
  attr(nb, "region.id") <- as.character(1:k)
  g <- EBest(o, n); b <- attr(g, "parameters")
  if (b$a > 0) for (j in 1:k) row("empirical_bayes", "", .95, list(events = o, population = n, at = j - 1),
    c(g$estmm[j], qgamma(.025, o[j] + b$b^2 / b$a, n[j] + b$b / b$a), qgamma(.975, o[j] + b$b^2 / b$a, n[j] + b$b / b$a)))
  h <- EBlocal(o, n, nb, geoda = TRUE); a <- attr(h, "parameters")$a; m <- attr(h, "parameters")$m
  for (j in 1:k) if (a[j] > 0) row("local_empirical_bayes", "", .95, list(events = o, population = n, at = j - 1),
    c(h$est[j], qgamma(.025, o[j] + m[j]^2 / a[j], n[j] + m[j] / a[j]), qgamma(.975, o[j] + m[j]^2 / a[j], n[j] + m[j] / a[j])))
}

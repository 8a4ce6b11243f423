# Random series of counts, rates and proportions with R's answers, each equation solved to machine precision.
#   Rscript trends_in_r.R > trends_in_r.csv        (R 4.2.2)
percent <- function(slope) 100 * expm1(slope)
root <- function(g, low, high) uniroot(g, c(low, high), tol = 1e-20, maxiter = 1e4)$root
num <- function(x) paste(sprintf("%.15g", x), collapse = " ")
row <- function(what, model, method, level, x, y, w, answer)
  cat(paste(what, model, method, num(level), num(x), num(y), num(w), num(answer[1]), num(answer[2]),
            num(answer[3]), num(answer[4]), sep = ","), "\n", sep = "")

counts <- function(x, y, w, level) {
  u <- x - mean(x); n <- length(x); off <- log(w)
  show <- function(model, method, slopes, p)
    row("annual_percent_change", model, method, level, x, y, w, c(percent(slopes), p))
  start <- coef(glm(y ~ u + offset(off), poisson, control = glm.control(epsilon = 1e-14, maxit = 100)))[[2]]
  log_lik <- function(b) { m <- exp(off + b*u); sum(y * log(m / sum(m))) }
  score <- function(b) { m <- exp(off + b*u); sum(y * u) - sum(y) * sum(m * u) / sum(m) }
  b <- root(score, start - .5, start + .5)
  m <- exp(off + b*u); m <- m * sum(y) / sum(m)
  se <- 1 / sqrt(sum(m * (u - sum(m*u)/sum(m))^2)); phi <- sum((y - m)^2 / m) / (n - 2)
  rise <- function(other) 2 * (log_lik(b) - log_lik(other))
  side <- function(d, cut) { while (rise(b + d) < cut) d <- 2*d; root(function(o) rise(o) - cut, b, b + d) }
  z <- qnorm((1 + level)/2); t <- qt((1 + level)/2, n - 2); s <- se * sqrt(phi)
  show("poisson", "wald", b + c(0, -z, z)*se, 2*pnorm(-abs(b)/se))
  show("poisson", "profile", c(b, side(-se, z^2), side(se, z^2)), pchisq(rise(0), 1, lower.tail = FALSE))
  show("quasi_poisson", "wald", b + c(0, -t, t)*s, 2*pt(-abs(b)/s, n - 2))
  show("quasi_poisson", "profile", c(b, side(-s, t^2*phi), side(s, t^2*phi)), 2*pt(-sqrt(rise(0)/phi), n - 2))
}

mixed <- function(x, y, w, level) {
  u <- x - mean(x); off <- log(w)
  show <- function(method, slopes, p)
    row("annual_percent_change", "negative_binomial", method, level, x, y, w, c(percent(slopes), p))
  level_of <- function(b, th)
    root(function(a) { m <- exp(a + b*u + off); sum((y - m)/(1 + m/th)) }, -30, 10)
  by_theta <- function(b, th) { m <- exp(level_of(b, th) + b*u + off)
    sum(digamma(y + th) - digamma(th) + log(th) + 1 - log(th + m) - (y + th)/(m + th)) }
  theta <- function(b) exp(root(function(v) by_theta(b, exp(v)), -4, 9))
  mean_of <- function(b) exp(level_of(b, theta(b)) + b*u + off)
  b <- root(function(b) { m <- mean_of(b); sum((y - m)/(1 + m/theta(b)) * u) }, -.6, .6)
  v <- mean_of(b)/(1 + mean_of(b)/theta(b)); se <- 1/sqrt(sum(v*(u - sum(v*u)/sum(v))^2))
  log_lik <- function(b) sum(dnbinom(y, size = theta(b), mu = mean_of(b), log = TRUE))
  rise <- function(o) 2*(log_lik(b) - log_lik(o)); z <- qnorm((1 + level)/2)
  side <- function(d) root(function(o) rise(o) - z^2, b, b + d)
  show("wald", b + c(0, -z, z)*se, 2*pnorm(-abs(b)/se))
  show("profile", c(b, side(-6*se), side(6*se)), pchisq(rise(0), 1, lower.tail = FALSE))
}

rates <- function(x, y, e, level) {
  u <- x - mean(x); fit <- lm(log(y) ~ u, weights = if (is.null(e)) rep(1, length(x)) else (y/e)^2)
  row("log_linear_trend", "", "", level, x, y, if (is.null(e)) numeric() else e,
      c(percent(c(coef(fit)[[2]], confint(fit, 2, level))), summary(fit)$coefficients[2, 4]))
}

shares <- function(s, y, n) {
  test <- suppressWarnings(prop.trend.test(y, n, s)); sign <- sign(sum(s*y) - sum(y)/sum(n)*sum(s*n))
  row("cochran_armitage", "", "", .95, s, y, n, c(sign * sqrt(test$statistic), NA, NA, test$p.value))
}

set.seed(2024); levels <- c(.9, .95, .998)
cat("function,model,method,level,year,events,person_time,value,lower,upper,p_value\n")
for (i in 1:8) {
  n <- sample(4:14, 1); x <- sort(sample(2000:2020, n)); w <- round(exp(runif(n, 6, 9)), 1)
  r <- exp(runif(1, -.15, .15) * (x - 2010)); y <- rpois(n, w * r / sum(w * r) * n * exp(runif(1, 0, 4)))
  if (sum(y > 0) >= 3) counts(x, y, w, sample(levels, 1))
}
for (i in 1:4) {
  n <- sample(8:14, 1); x <- sort(sample(2000:2020, n)); w <- round(runif(n, 800, 2000))
  y <- rnbinom(n, size = 2, mu = 15 * exp(-.05*(x - 2010))); mixed(x, y, w, sample(levels, 1))
}
for (i in 1:8) {
  n <- sample(3:14, 1); x <- sort(sample(2000:2020, n)); y <- round(exp(rnorm(n, 2, .3) - .06*(x - 2010)), 3)
  rates(x, y, if (i %% 2) NULL else round(y * runif(n, .05, .4), 4), sample(levels, 1))
}
for (i in 1:8) {
  k <- sample(3:9, 1); n <- sample(20:400, k); s <- sort(sample(1:20, k))
  y <- rbinom(k, n, runif(1, .02, .6))
  if (sum(y)) shares(s, y, n)
}
